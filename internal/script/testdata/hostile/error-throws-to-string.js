// expect: any
throw { toString() { throw { toString() { for (;;) {} } } } }
