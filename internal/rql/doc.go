// Package rql reads and prints RQL, the query language: text to tree, tree to text.
//
// Start at Parse (parser.go): it reads the declarations, the from clause, and then the other clauses in any order, each at
// most once. Every clause has a file with the name of the clause; conditions are in where.go and function.go, operands in
// value.go, the language inside timeseries(…) in timeseries.go. (*Query).String (print.go) prints canonical RQL: reading it
// again gives an equal tree up to positions.
//
// The parser is a hand-written recursive descent over a lexer that hands out one token at a time. The first error sticks: from
// then on the parser sees only the end of the text, so that loops end and the first complaint is the one reported.
//
// It knows the grammar and nothing else: no collections, indexes, documents or parameter values. JavaScript inside a query
// (declare function, select { … }, update { … }) is kept as text whose brackets are balanced; nobody here runs or checks it.
// The tree is plain data without back pointers. It shares memory with the query text; nothing in it changes after Parse.
package rql
