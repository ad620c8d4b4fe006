// expect: throws
std.exit(1); os.exec(["true"])
