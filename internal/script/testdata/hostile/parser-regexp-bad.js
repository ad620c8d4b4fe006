// expect: parse
/(/
