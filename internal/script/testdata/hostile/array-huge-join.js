// expect: throws
new Array(2e8) + ""
