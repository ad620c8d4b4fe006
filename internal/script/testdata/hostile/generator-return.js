// expect: steps
function* g() { try { yield 1 } finally { for (;;) yield 2 } } for (const x of g()) break; const i = g(); i.next(); i.return(); for (;;) i.next()
