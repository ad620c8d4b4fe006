// expect: any
output({ toJSON() { return "x".repeat(1e5) } }); output(Object.create(null)); output(Symbol("x"))
