// expect: throws
"x".padEnd(2 ** 30, "ab")
