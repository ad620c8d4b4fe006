// expect: throws
"a".repeat(4e6).includes({ toString: () => "a".repeat(2e6) + "b" })
