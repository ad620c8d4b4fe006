// expect: throws
const r = /x/; Object.defineProperty(r, Symbol.replace, { value: undefined }); r.toString = () => "a".repeat(2e6) + "b"; "a".repeat(4e6).replace(r, "")
