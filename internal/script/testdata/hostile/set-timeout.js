// expect: throws
setTimeout(() => {}, 0)
