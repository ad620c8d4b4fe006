// expect: throws
Date.prototype.constructor.now = () => 0
