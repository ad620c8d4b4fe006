// expect: steps
/^(.*?){1,50}\1{1,50}x$/.test("ab".repeat(60))
