// expect: any
const r = /x*/g; let m; while ((m = r.exec("y"))) { r.lastIndex = 0 }
