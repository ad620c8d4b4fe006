// expect: throws
let n = 0; Array.prototype.indexOf.call(new Proxy([], { get: (t, k) => k === "length" && n++ ? 4e9 : t[k] }), 1)
