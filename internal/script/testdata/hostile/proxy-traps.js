// expect: any
this.p = new Proxy([], { get(t, k) { return k === "length" ? 4e9 : 1 }, has: () => true, ownKeys: () => { throw 1 } })
