// expect: any
Number("9".repeat(1e7)) + parseFloat("1" + "0".repeat(1e7)) + parseInt("7".repeat(1e7), 7)
