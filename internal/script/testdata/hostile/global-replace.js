// expect: throws
globalThis.JSON = { stringify: () => "polluted" }
