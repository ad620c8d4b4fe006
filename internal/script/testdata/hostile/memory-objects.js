// expect: memory-or-steps
const a = {}; for (let i = 0; ; i++) a["k" + i] = { i, s: "x".repeat(1e5) }
