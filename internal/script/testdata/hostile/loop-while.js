// expect: steps
while (true) {}
