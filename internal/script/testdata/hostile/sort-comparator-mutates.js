// expect: any
const a = [3, 2, 1, 4]; a.sort((x, y) => { a.length = 0; a.push(1, 2, 3); return x - y }); this.a = a
