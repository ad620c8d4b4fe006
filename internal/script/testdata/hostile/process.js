// expect: throws
process.exit(1)
