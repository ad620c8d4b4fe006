// expect: throws
new Array(4e8).sort()
