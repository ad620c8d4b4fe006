// expect: memory-or-steps
const m = new Map(); for (let i = 0; ; i++) m.set(i, new Uint8Array(1e4))
