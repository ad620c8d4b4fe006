// expect: throws
this.a = { get b() { throw new Error("no") } }
