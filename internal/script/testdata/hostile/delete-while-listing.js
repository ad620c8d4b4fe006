// expect: ok
for (const k in this) { delete this[k]; this[k + "x"] = 1 }
