#!/usr/bin/env bash
# Runs each fuzz target of the module for FUZZTIME, one after another, and stops at the first that finds something.
# What it found lies in testdata/fuzz of the package then: fix the bug and commit the file, it runs as a test from then on.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${FUZZTIME:-10s}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# fuzz runs one target. When its time is up in the middle of an input, go test may call that a failure ("context deadline
# exceeded") although nothing was found; only a failing input, or any other failure, is one here.
fuzz() {
	if go test -tags invariants -run '^$' -fuzz "^$2\$" -fuzztime "$time" -fuzzminimizetime 5s "./$1" 2>&1 | tee "$out"; then
		return
	fi
	if grep -q 'context deadline exceeded' "$out" && ! grep -qE 'Failing input|panic|fatal error|build failed' "$out"; then
		echo "ok: the time was up in the middle of an input, nothing was found"
		return
	fi
	echo "fuzz target $2 in $1 found something" >&2
	exit 1
}

count=0
while IFS=: read -r file declaration; do
	echo "fuzz ${file%/*} ${declaration#func }"
	fuzz "${file%/*}" "${declaration#func }"
	count=$((count + 1))
done < <(grep -roE --include='*_test.go' '^func Fuzz\w+' internal | sort)

if [ "$count" -eq 0 ]; then
	echo "no fuzz targets found" >&2
	exit 1
fi
echo "$count fuzz targets, $time each, found nothing"
