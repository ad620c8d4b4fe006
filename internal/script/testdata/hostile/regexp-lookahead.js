// expect: steps
/^(?=(a+)+b)(?=(a|aa)+c)/.test("a".repeat(50))
