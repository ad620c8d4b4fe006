// expect: throws
String.prototype.lastIndexOf.call({ toString: () => "a".repeat(4e6) }, "b" + "a".repeat(2e6))
