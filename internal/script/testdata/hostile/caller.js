// expect: throws
(function f() { return f.caller })()
