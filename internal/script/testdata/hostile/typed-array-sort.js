// expect: throws
new Float64Array(3e6).sort()
