// expect: any
new Array(1e6).fill("x".repeat(100)).map((s) => s + s)
