// expect: steps
try { for (;;) {} } finally { for (;;) {} }
