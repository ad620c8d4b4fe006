// expect: any
"\u1e9b\u0323".repeat(1e6).normalize("NFKD").length
