// expect: steps
({}) instanceof { [Symbol.hasInstance]() { for (;;) {} } }
