// expect: steps
function f() { try { for (;;) {} } catch (e) { f() } finally { f() } } f()
