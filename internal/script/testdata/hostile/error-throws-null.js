// expect: throws
throw null
