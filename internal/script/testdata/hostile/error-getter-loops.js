// expect: any
throw Object.defineProperty(new Error(), "message", { get() { for (;;) {} } })
