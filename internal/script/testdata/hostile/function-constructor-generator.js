// expect: throws
(function* () {}).constructor("yield 1")()
