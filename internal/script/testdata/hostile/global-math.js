// expect: throws
Math.random = () => 4
