// expect: steps
for (;;) { try { for (;;) {} } catch (e) {} }
