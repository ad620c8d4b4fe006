// expect: any
new RegExp("(?:a{1,65535}){1,65535}").test("a".repeat(1e5))
