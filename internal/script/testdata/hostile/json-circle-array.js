// expect: throws
const a = []; a.push(a); this.a = a
