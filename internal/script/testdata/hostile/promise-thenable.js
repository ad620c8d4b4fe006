// expect: ok
Promise.resolve({ then() { for (;;) {} } })
