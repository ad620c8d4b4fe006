// expect: steps
+{ [Symbol.toPrimitive]() { for (;;) {} } }
