// expect: throws
arguments.callee.caller
