// expect: any
let p = new Proxy({}, {}); for (let i = 0; i < 3000; i++) p = new Proxy(p, {}); p.x
