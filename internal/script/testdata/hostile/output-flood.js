// expect: output
for (;;) output("x".repeat(1000))
