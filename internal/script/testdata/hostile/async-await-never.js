// expect: ok
(async () => { await new Promise(() => {}) })()
