// expect: any
Object.setPrototypeOf(this, new Proxy({}, { get() { for (;;) {} } })); this.zzz
