#!/usr/bin/env bash
# Plants each fault of internal/storage/planted, runs the tests that should find it, and prints which one did. It fails when a
# fault is not found, or when the tests fail without one. FAULTS names some of them; SHORT= runs the tests in full.
set -euo pipefail
cd "$(dirname "$0")/.."

SHORT=${SHORT--short}
symbol=github.com/rookerydb/rookery/internal/storage/planted.active
listed=$(sed -n 's/^\t[A-Za-z]* *Fault = "\([a-z-]*\)".*/\1/p' internal/storage/planted/fault.go)
missed=0 found=0

# Where the tests of a fault are, and with which build tags; the storage package itself for most of them.
packages() {
	case $1 in
	reuse-nonce) echo "./internal/storage/crypt" ;;
	keep-clear) echo "./internal/storage/secret ./internal/storage" ;;
	trust-torn-record | accept-plain) echo "./internal/storage/journal ./internal/storage" ;;
	trust-pages | trust-place) echo "./internal/storage/page ./internal/storage" ;;
	fit-one-short | keep-hints) echo "./internal/storage/freespace ./internal/storage" ;;
	leak-run) echo "./internal/storage/section ./internal/storage" ;;
	split-loses-entry) echo "./internal/storage/btree ./internal/storage" ;;
	keep-lost-dictionary) echo "./internal/compression" ;;
	*) echo "./internal/storage" ;;
	esac
}
tags() {
	case $1 in
	skip-images | accept-plain) echo "invariants planted encrypted" ;;
	*) echo "invariants planted" ;;
	esac
}

trap 'find internal -path "*/testdata/rapid" -prune -exec rm -rf {} +' EXIT # failures that were planted

printf '%-22s %-8s %s\n' fault seconds "found by"
for fault in ${FAULTS:-none $listed}; do
	start=$SECONDS
	# shellcheck disable=SC2046,SC2086 # lists of words
	if out=$(go test -count=1 $SHORT -failfast -timeout 10m -tags "$(tags "$fault")" -ldflags "-X $symbol=$fault" $(packages "$fault") 2>&1); then
		verdict=ok
	else
		verdict=$(grep -m1 -oE -- '--- FAIL: [A-Za-z0-9_]+|^panic: .*|^fatal error: .*|build failed' <<<"$out" | sed 's/^--- FAIL: //') || verdict="an error"
	fi
	if [[ $fault == none ]]; then
		[[ $verdict == ok ]] || { printf '%s\n' "$out"; echo "the tests fail without a planted fault" >&2; exit 1; }
		verdict="nothing, as it must be"
	elif [[ $verdict == ok || $verdict == "build failed" ]]; then
		verdict="NOTHING ($verdict)"
		missed=$((missed + 1))
	else
		found=$((found + 1))
	fi
	printf '%-22s %-8s %s\n' "$fault" $((SECONDS - start)) "$verdict"
done
echo "$found faults found, $missed missed"
[[ $missed == 0 ]]
