// expect: ok
this.a = new Proxy({ x: 1 }, { get: (t, k) => t[k] })
