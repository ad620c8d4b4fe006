// expect: throws
new WeakRef({})
