// expect: any
decodeURIComponent("%41".repeat(1e6)).length
