// expect: throws
const e = new Error("x"); Object.defineProperty(e, "stack", { get() { for (;;) {} } }); Object.defineProperty(e, "message", { value: "y" }); delete e.stack; throw e
