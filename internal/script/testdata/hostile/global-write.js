// expect: throws
globalThis.polluted = 1
