// expect: ok
class A { #x = 1; get() { return this.#x } } this.x = new A().get()
