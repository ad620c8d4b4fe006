// expect: any
const e = new Error("out of memory"); e.name = "InternalError"; throw e
