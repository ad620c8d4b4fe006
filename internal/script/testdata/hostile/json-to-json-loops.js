// expect: steps
const d = new Date(); d.toJSON = () => { for (;;) {} }; this.d = d
