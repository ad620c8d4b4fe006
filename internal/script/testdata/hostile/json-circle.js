// expect: throws
this.me = this
