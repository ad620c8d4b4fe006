// expect: any
const keep = []; try { for (;;) keep.push(new Uint8Array(1e5)) } catch (e) {} try { this.big.a = 1 } catch (e) {}
