// expect: depth
const o = { toString() { return `${this}` } }; `${o}`
