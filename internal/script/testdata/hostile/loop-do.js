// expect: steps
do {} while (1)
