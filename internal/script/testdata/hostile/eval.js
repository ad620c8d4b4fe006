// expect: throws
eval("1")
