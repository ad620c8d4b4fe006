// expect: throws
"x".repeat(2 ** 30)
