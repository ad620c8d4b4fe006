package docstore

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage"
)

// state is what the store knows of itself.
type state struct {
	etag   int64  // the last one given
	vector []byte // of the database, in a page
}

// readState reads the state that tx sees; of a new store it is zero.
func readState(tx storage.Tx) (state, error) {
	tree, ok := tx.Tree(storeTree)
	if !ok {
		return state{}, nil
	}
	value, ok, err := tree.Get(stateKeyBytes[:])
	if err != nil || !ok {
		return state{}, err
	}
	if len(value) < offVector || value[0] != stateVersion {
		return state{}, &CorruptDocumentError{Where: storeTree, Key: stateKey, Why: "unknown version or too short"}
	}
	return state{etag: int64(binary.BigEndian.Uint64(value[offLastEtag:])), vector: value[offVector:]}, nil
}

// writeState stores st with the change vector that the database has after the write of its etag. The record is built in
// buf, which is returned for the next time.
func (s *Store) writeState(tx *storage.WriteTx, buf []byte, st state) ([]byte, error) {
	tree, err := tx.WriteTree(storeTree)
	if err != nil {
		return buf, err
	}
	buf = append(buf, stateVersion)
	buf = binary.BigEndian.AppendUint64(buf, uint64(st.etag))
	if buf, err = s.appendVector(buf, st.vector, st.etag); err != nil {
		return buf, err
	}
	return buf, tree.Put(stateKeyBytes[:], buf)
}
