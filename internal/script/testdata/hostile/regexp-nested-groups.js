// expect: any
new RegExp("(".repeat(10000) + ")".repeat(10000))
