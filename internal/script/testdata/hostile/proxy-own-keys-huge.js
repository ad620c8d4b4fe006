// expect: any
this.p = new Proxy({}, { ownKeys: () => ({ length: 1e9 }) })
