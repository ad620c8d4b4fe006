// expect: steps
JSON.parse("[1,2]", function (k, v) { for (;;) {} })
