// expect: any
BigInt("9".repeat(300000)) > 0n
