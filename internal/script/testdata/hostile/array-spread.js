// expect: memory-or-steps
let a = [1]; for (;;) a = [...a, ...a]
