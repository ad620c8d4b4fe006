// expect: ok
this[Symbol("x")] = 1; this[Symbol.iterator] = 2
