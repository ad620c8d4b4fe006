// expect: throws
let a = []; for (let i = 0; i < 500; i++) a = [a]; this.a = a
