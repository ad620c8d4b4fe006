// expect: depth
function f() { [1].map(f) } f()
