// expect: steps
this.a = { get b() { for (;;) {} } }
