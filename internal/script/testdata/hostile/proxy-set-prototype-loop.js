// expect: any
const p = new Proxy({}, { getPrototypeOf: () => p }); p instanceof Object; ({}) instanceof p
