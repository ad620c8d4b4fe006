// expect: throws
[1].flatMap(() => { const x = []; x.length = 4e9; return x })
