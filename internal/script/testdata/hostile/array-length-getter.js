// expect: throws
let n = 0; Array.prototype.indexOf.call({ get length() { return n++ ? 4e9 : 1 } }, 1)
