// expect: steps
String.raw({ raw: { length: 2 ** 40 } })
