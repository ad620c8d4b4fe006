// expect: throws
polluted = 1
