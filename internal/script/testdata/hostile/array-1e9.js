// expect: any
const a = Array(1e9); a[5] = 1; this.n = a.length
