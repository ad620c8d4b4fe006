// expect: throws
Object.defineProperty(Object.prototype, "polluted", { value: 1 })
