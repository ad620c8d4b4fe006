// expect: steps
"a".repeat(40).replace(/(a|a)*$b/g, "")
