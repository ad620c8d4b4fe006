// expect: depth
class A { constructor() { new A() } } new A()
