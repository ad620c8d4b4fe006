//go:build encrypted

package storagetest

import "github.com/rookerydb/rookery/internal/storage"

// Encrypted says that the helpers make encrypted environments.
const Encrypted = true

// variant makes every environment of these helpers an encrypted one: the whole suite runs on it.
func variant(opts storage.Options) storage.Options {
	opts.Encryption = Encryption(0, 1)
	return opts
}
