// expect: parse
}); for (;;) {} (function () {
