// expect: ok
(1e20).toFixed(100)
