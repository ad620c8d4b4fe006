// expect: throws
(() => {}).constructor("return globalThis")()
