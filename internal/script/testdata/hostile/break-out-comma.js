// expect: parse
}, function () {
