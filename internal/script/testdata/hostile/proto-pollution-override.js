// expect: throws
Object.prototype.toString = () => "polluted"
