// expect: parse
with (this) { x = 1 }
