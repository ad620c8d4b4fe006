// expect: any
let s = "x"; for (;;) s += s
