// expect: any
const s = new Set([1]); s.union({ size: Infinity, has: () => true, keys: () => ({ next: () => ({ done: false, value: 1 }) }) })
