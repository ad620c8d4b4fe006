//go:build !nomapping && !386 && !arm && !mips && !mipsle

package storage

const mappingForbidden = false
