// expect: throws
Object.getPrototypeOf(function* () {}).prototype.polluted = 1
