// expect: throws
(async () => {}).constructor("return 1")()
