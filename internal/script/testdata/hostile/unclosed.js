// expect: parse
if (true) {
