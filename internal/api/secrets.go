package api

import (
	"encoding/base64"
	"net/http"

	"github.com/rookerydb/rookery/internal/keyring"
)

// keyBytes is the length of a database's key.
const keyBytes = 32

// postSecret keeps a key for an encrypted database that is to be made.
func (h *handler) postSecret(r *request) error {
	name := r.params.get("name")
	if name == "" {
		return &invalidError{what: "parameter name", want: "the database's name"}
	}
	if tag := r.params.get("node"); tag != "" && tag != h.server.NodeTag() {
		return &unsupportedError{what: "sending keys to node " + clip(tag), hint: "ask that node itself"}
	}
	text, err := r.readBody()
	defer clear(text)
	if err != nil {
		return err
	}
	key := new([keyBytes]byte)
	defer clear(key[:])
	if err := keyring.ReadKey(key, text, "the request body"); err != nil {
		return err
	}
	if err := h.server.StoreKey(r.http.Context(), name, key); err != nil {
		return err
	}
	r.status = http.StatusCreated
	return nil
}

// getNewSecret answers with a new key, which is kept nowhere.
func (h *handler) getNewSecret(r *request) error {
	key := new([keyBytes]byte)
	defer clear(key[:])
	if err := h.server.NewKey(key); err != nil {
		return err
	}
	r.text = "text/plain; charset=utf-8"
	r.set("Cache-Control", "no-store")
	r.body = base64.StdEncoding.AppendEncode(r.body, key[:])
	return nil
}
