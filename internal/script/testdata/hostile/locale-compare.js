// expect: any
"a".repeat(1e6).localeCompare("a".repeat(1e6))
