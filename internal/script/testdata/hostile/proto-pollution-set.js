// expect: throws
Object.setPrototypeOf(Object.prototype, { polluted: 1 })
