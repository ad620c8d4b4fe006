// expect: any
import("os")
