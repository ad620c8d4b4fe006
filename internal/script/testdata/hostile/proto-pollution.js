// expect: throws
Object.prototype.polluted = 1
