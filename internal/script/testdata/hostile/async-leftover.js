// expect: ok
Promise.resolve().then(() => { this.late = 1 })
