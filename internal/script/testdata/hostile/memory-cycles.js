// expect: memory-or-steps
for (;;) { const a = { b: new Uint8Array(1e4) }; a.a = a }
