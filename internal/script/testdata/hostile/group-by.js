// expect: any
Object.groupBy(new Array(1e6).fill(1), (x) => x)
