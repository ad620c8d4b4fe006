// expect: throws
const s = "a".repeat(4e6); s.indexOf("a".repeat(2e6) + "b")
