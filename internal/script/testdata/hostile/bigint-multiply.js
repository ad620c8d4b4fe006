// expect: any
let n = 3n ** 1000n; for (;;) n *= n
