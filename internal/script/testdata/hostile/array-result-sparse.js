// expect: result
const a = []; a[4e9] = 1; this.a = a
