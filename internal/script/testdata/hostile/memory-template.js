// expect: any
const t = (s) => s; for (let i = 0; i < 1000; i++) t`a${i}b`
