#!/usr/bin/env bash
# Runs each fuzz target of the module for FUZZTIME, one after another, and stops at the first that finds something.
# What it found lies in testdata/fuzz of the package then: fix the bug and commit the file, it runs as a test from then on.
set -euo pipefail
cd "$(dirname "$0")/.."

count=0
while IFS=: read -r file declaration; do
	name=${declaration#func }
	echo "fuzz ${file%/*} $name"
	go test -tags invariants -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-10s}" -fuzzminimizetime 5s "./${file%/*}"
	count=$((count + 1))
done < <(grep -roE --include='*_test.go' '^func Fuzz\w+' internal | sort)

if [ "$count" -eq 0 ]; then
	echo "no fuzz targets found" >&2
	exit 1
fi
echo "$count fuzz targets, ${FUZZTIME:-10s} each, found nothing"
