// expect: any
class A extends Array { static get [Symbol.species]() { return function () { return { length: 0, constructor: A } } } } new A(1, 2, 3).map((x) => x)
