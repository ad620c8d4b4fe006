// expect: any
(async () => { for (;;) await 1 })()
