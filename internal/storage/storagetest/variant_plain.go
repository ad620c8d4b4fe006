//go:build !encrypted

package storagetest

import "github.com/rookerydb/rookery/internal/storage"

// Encrypted says that the helpers make encrypted environments.
const Encrypted = false

func variant(opts storage.Options) storage.Options { return opts }
