// Package archtest holds the house to its plan: which package may import which, what the storage floors must not touch,
// and what no file of the repository may say.
//
// The plan is layers.txt, one line a package. A new arrow is a one-line diff there, which a reviewer sees; so is a new
// package. Everything else here is tests; they read the tree, not a build of it, so that files behind build tags count.
package archtest
