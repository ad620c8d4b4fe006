package rql

import "fmt"

// Pos is a place in a query text: Off counts bytes from 0; Line and Col count from 1, Col in characters (code points).
//
// Nodes of the tree embed it: it is where their first token begins.
type Pos struct {
	Off, Line, Col int
}

// Position returns p; through embedding it is the position of every node.
func (p Pos) Position() Pos { return p }

// Place returns "line 1, column 19".
func (p Pos) Place() string { return fmt.Sprintf("line %d, column %d", p.Line, p.Col) }
