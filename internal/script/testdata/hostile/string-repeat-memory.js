// expect: memory
let s = "x".repeat(2 ** 25); s = s + "y" + s; s.charCodeAt(5); [...s]
