// expect: any
JSON.stringify([[[[]]]], null, "x".repeat(1e6)).length
