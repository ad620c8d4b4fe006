// expect: memory-or-steps
[...{ [Symbol.iterator]: () => ({ next: () => ({ done: false, value: "x" }) }) }]
