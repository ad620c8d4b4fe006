// expect: throws
const x = []; x.length = 4e9; [[[x]]].flat(9)
