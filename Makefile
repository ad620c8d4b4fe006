# make          what to run before every commit: format, vet, lint, layers, fast tests
# make test     everything that CI runs; installs what it needs
# make demo     a node with sample data on 127.0.0.1:8080
# make help     all targets

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := commit

# A checkout that belongs to somebody else has no version to stamp; git describe below says what it can.
export GOFLAGS := $(GOFLAGS) -buildvcs=false

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
TAGS := -tags invariants
TOOL := go tool -modfile=tools/go.mod
LINT := $(TOOL) golangci-lint

FUZZTIME ?= 10s
CRASH_IMAGES ?= 100000
SAME_ANSWER_RUNS ?= 200
KILL_LOOPS ?= 20
CHECKS ?= 1000
PKG ?= ./...
BASE ?= main
BENCH ?= .
ROUNDS ?= 3
# Packages with goroutines or locks of their own.
RACE ?= ./internal/changes ./internal/operation ./internal/storage/... ./internal/vfs/... ./internal/table/... ./internal/docstore/... ./internal/database/... \
	./internal/cluster/... ./internal/raftstore/... ./internal/server/... ./internal/api/... ./bench/workload/...
# What must work in a 32-bit program, whose integers and addresses are narrower.
WORDS32 ?= ./internal/vfs/... ./internal/storage/... ./internal/table/... ./internal/docstore/... ./internal/jsondoc/... \
	./internal/changevector ./internal/sortkey ./internal/flattrie ./internal/memory ./internal/database
# The memory of make small, and what runs its programs in such a place, as "systemd-run --user --scope -p MemoryMax=256M".
SMALL_MIB ?= 256
SMALL_RUN ?=
CROSS ?= linux/arm64 linux/386 linux/arm darwin/arm64 windows/amd64

.PHONY: commit
commit: check fast ## format, vet, lint, layers, fast tests: before every commit

.PHONY: test
test: ## everything that CI runs
	$(MAKE) check
	$(MAKE) unit
	$(MAKE) variants
	$(MAKE) test-race
	$(MAKE) crash CRASH_IMAGES=$${ROOKERY_CRASH_IMAGES:-100000}
	$(MAKE) fuzz FUZZTIME=$${ROOKERY_FUZZTIME:-4s}
	$(MAKE) e2e KILL_LOOPS=$${ROOKERY_KILL_LOOPS:-100}
	$(MAKE) bench-smoke
	$(MAKE) test32 small
	$(MAKE) cross peers

.PHONY: ci
ci: ## what CI runs, nothing else
	.ci/run

## --- looking at the code

.PHONY: check
check: fmt-check vet lint layers ## format, vet, lint, layers

.PHONY: fmt
fmt: ## format every Go file
	$(LINT) fmt

.PHONY: fmt-check
fmt-check:
	$(LINT) fmt --diff

.PHONY: vet
vet: ## go vet
	go vet $(TAGS) ./...

.PHONY: lint
lint: ## the linters of .golangci.yml
	$(LINT) run

.PHONY: mend
mend: fmt ## format, and let the linters repair what they can
	$(LINT) run --fix

.PHONY: layers
layers: ## imports against internal/archtest/layers.txt, and what files may say
	go test $(TAGS) ./internal/archtest

## --- tests

.PHONY: fast
fast: ## unit tests in short mode
	go test -short $(TAGS) ./...

.PHONY: unit
unit: ## unit tests in full, without the end-to-end ones
	go test $(TAGS) -timeout 15m $$(go list ./... | grep -v /test/e2e)

.PHONY: race
race: ## all tests with the race detector and invariants
	CGO_ENABLED=1 go test -race $(TAGS) -timeout 40m $$(go list ./... | grep -v /test/e2e)

# The race detector needs a C compiler; where there is none, this says so and goes on.
.PHONY: test-race
test-race:
	if command -v $$(go env CC) >/dev/null; then \
		CGO_ENABLED=1 go test -race -short $(TAGS) -timeout 15m $(RACE); \
	else \
		echo "race detector left out: it needs a C compiler, and there is no $$(go env CC)"; \
	fi

# The same tests where pages are read into memory, and where they are encrypted.
.PHONY: variants
variants: ## storage and the floors above it without mappings, and storage encrypted
	go test -short -tags "invariants nomapping" ./internal/storage/... ./internal/table ./internal/docstore ./internal/database ./internal/query
	go test -short -tags "invariants encrypted" ./internal/storage ./internal/storage/journal ./internal/table

.PHONY: crash
crash: ## power cuts: CRASH_IMAGES of them; and SAME_ANSWER_RUNS histories under many options
	ROOKERY_CRASH_IMAGES=$(CRASH_IMAGES) ROOKERY_SAME_ANSWER_RUNS=$(SAME_ANSWER_RUNS) \
		go test -count=1 $(TAGS) -timeout 30m -run 'Crash|PowerCut|SameAnswer' -v ./internal/storage/... ./internal/database/... \
		| grep -vE '^=== (RUN|PAUSE|CONT)'

.PHONY: scorecard
scorecard: ## plant each known fault of storage, and see which test finds it; FAULTS names some
	FAULTS="$(FAULTS)" tools/scorecard.sh

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME
	FUZZTIME=$(FUZZTIME) tools/fuzz.sh

.PHONY: small
small: ## the storage suite, and a node under load, within SMALL_MIB of memory; SMALL_RUN may confine them harder
	for tests in TestSmall TestServer_WorksWithin; do \
		ROOKERY_SMALL_MIB=$(SMALL_MIB) ROOKERY_SMALL_RUN='$(SMALL_RUN)' go test -count=1 -timeout 10m -v -run $$tests ./test/e2e | grep -v '^=== RUN'; \
	done

.PHONY: test32
test32: ## the unit tests of 32-bit programs: ground, storage and documents
	GOARCH=386 CGO_ENABLED=0 go test -short -timeout 3m $(TAGS) $(WORDS32)

.PHONY: sim
sim: ## model tests with CHECKS histories each; SEED replays one
	packages=$$(grep -rl --include='*_test.go' '"pgregory.net/rapid"' internal | xargs -n1 dirname | sort -u | sed 's|^|./|'); \
	go test -count=1 $(TAGS) -timeout 60m $$packages -rapid.checks=$(CHECKS) $(if $(SEED),-rapid.seed=$(SEED))

.PHONY: e2e
e2e: build test/e2e/node_modules/.package-lock.json ## the real binary and the official clients
	cd test/e2e && ROOKERY_BIN=$(CURDIR)/bin/rookery npm test
	ROOKERY_BIN=$(CURDIR)/bin/rookery ROOKERY_KILL_LOOPS=$(KILL_LOOPS) go test -count=1 -timeout 20m ./test/e2e

test/e2e/node_modules/.package-lock.json: test/e2e/package-lock.json test/e2e/package.json
	command -v npm >/dev/null || { echo "the end-to-end tests need Node.js 20 or newer, with npm"; exit 1; }
	cd test/e2e && npm ci
	touch $@

.PHONY: golden
golden: ## rewrite golden files; read the diff as a reviewer would
	packages=$$(grep -rl --include='*_test.go' 'flag.Bool("update"' internal cmd | xargs -n1 dirname | sort -u | sed 's|^|./|'); \
	go test -count=1 $(TAGS) $$packages -update
	git diff --stat

.PHONY: cross
cross: ## builds for the other systems
	for target in $(CROSS); do \
		echo "build for $$target"; \
		GOOS=$${target%/*} GOARCH=$${target#*/} CGO_ENABLED=0 go build ./...; \
	done

## --- measuring

.PHONY: bench
bench: ## compare ten runs of BENCH in PKG with those of BASE
	rm -rf bin/base && git worktree prune && git worktree add --detach bin/base $(BASE)
	(cd bin/base && go test -run '^$$' -bench '$(BENCH)' -count 10 $(PKG)) | tee bin/bench.base.txt
	git worktree remove --force bin/base
	go test -run '^$$' -bench '$(BENCH)' -count 10 $(PKG) | tee bin/bench.new.txt
	$(TOOL) benchstat bin/bench.base.txt bin/bench.new.txt

.PHONY: bench-smoke
bench-smoke: build ## that the benchmarks run; their figures say little
	bin/rookery-bench engine -short -dir bin
	bin/rookery-bench http -short -dir bin -bin bin/rookery

.PHONY: bench-peers
bench-peers: build peers ## rookery and its peers in turn, ROUNDS times; about two minutes a round
	bin/peers compare -dir bin -bench bin/rookery-bench -rookery bin/rookery -rounds $(ROUNDS) $(BENCHFLAGS)

## --- building

.PHONY: build
build: ## bin/rookery and bin/rookery-bench
	mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/...

.PHONY: peers
peers: ## bin/peers: the same workloads on other engines and servers
	mkdir -p bin
	cd bench/peers && go vet ./... && go test -short ./... && CGO_ENABLED=0 go build -trimpath -o ../../bin/peers .

.PHONY: demo
demo: build ## a node with sample data, and some queries
	bin/rookery demo

.PHONY: tools
tools: ## build the pinned tools ahead of their first use
	$(LINT) version
	$(TOOL) benchstat -h >/dev/null 2>&1 || true

.PHONY: clean
clean: ## remove what was built
	rm -rf bin

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16
