// expect: steps
for (;;) {}
