// expect: throws
throw Symbol("x")
