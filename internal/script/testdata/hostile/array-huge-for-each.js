// expect: throws
new Array(4e9).forEach(() => {})
