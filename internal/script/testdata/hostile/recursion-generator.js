// expect: depth
function* g() { yield* g() } [...g()]
