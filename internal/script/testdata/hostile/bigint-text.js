// expect: any
(3n ** 300000n).toString().length
