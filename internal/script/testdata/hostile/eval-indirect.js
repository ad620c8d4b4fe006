// expect: throws
(0, globalThis.eval)("1")
