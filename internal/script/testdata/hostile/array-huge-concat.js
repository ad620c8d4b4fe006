// expect: throws
const x = []; x.length = 4e9; [].concat(x, x)
