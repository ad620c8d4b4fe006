// expect: any
Date.parse("x".repeat(1e7))
