// expect: throws
require("fs")
