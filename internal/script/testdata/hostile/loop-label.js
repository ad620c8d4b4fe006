// expect: steps
a: for (;;) { b: for (;;) { continue a } }
