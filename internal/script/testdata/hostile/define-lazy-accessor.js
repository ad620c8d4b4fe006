// expect: steps
Object.defineProperty(this, "x", { enumerable: true, get() { for (;;) {} } })
