//go:build nomapping || 386 || arm || mips || mipsle

package storage

// mappingForbidden: an address space of 32 bits has no room for the files of a database. The build tag makes other programs
// behave the same, for tests.
const mappingForbidden = true
