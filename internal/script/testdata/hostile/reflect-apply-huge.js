// expect: throws
Reflect.apply(Math.max, null, { length: 1e9 })
