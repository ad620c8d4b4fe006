// expect: steps
for (;;) { try { throw 1 } catch (e) { continue } finally { continue } }
