// expect: any
const a = []; for (let i = 0; i < 200; i++) { try { a.push("x".repeat(1e6) + i) } catch (e) { a.length = 0 } } this.ok = true
