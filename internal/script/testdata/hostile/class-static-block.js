// expect: steps
class A { static { for (;;) {} } }
