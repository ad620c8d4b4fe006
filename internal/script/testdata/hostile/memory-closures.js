// expect: memory-or-steps
let f = () => 1; for (;;) { const g = f; const b = new Uint8Array(1e4); f = () => g(b) }
