// expect: memory time
let a = ["x"]; for (let i = 0; i < 40; i++) a = [a, a]; JSON.stringify(a)
