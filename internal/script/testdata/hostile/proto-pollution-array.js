// expect: throws
Array.prototype.push = function () { return 666 }
