// expect: throws
new Function("return 1")()
