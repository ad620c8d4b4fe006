// expect: memory
const a = []; for (let i = 0; i < 100; i++) a.push(new Uint8Array(1e6).fill(1))
