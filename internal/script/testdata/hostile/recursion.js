// expect: depth
function f() { return f() } f()
