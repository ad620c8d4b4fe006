// expect: memory-or-steps
const a = []; for (;;) a.push(a.slice())
