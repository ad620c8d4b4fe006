// expect: any
const a = [1, 2, 3]; a.splice({ valueOf() { a.length = 0; return 1 } }, 1, 9); this.a = a
