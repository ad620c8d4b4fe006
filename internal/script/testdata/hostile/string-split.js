// expect: throws
"a".repeat(4e6).split("a".repeat(2e6) + "b")
