package api_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/api"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// startEncrypting opens a node that may make encrypted databases without TLS.
func startEncrypting(t *testing.T) *node {
	t.Helper()
	return startNodeWith(t, memfs.New(memfs.WithoutCrashes()), api.New,
		"--Security.UnsecuredEncryption.Allowed=true", "--Security.DoNotConsiderMemoryLockFailureAsCatastrophicError=true")
}

func TestSecrets_MakeAnEncryptedDatabase(t *testing.T) {
	n := startEncrypting(t)
	made := n.want(http.StatusOK, "GET", "/admin/secrets/generate", "")
	if key, err := base64.StdEncoding.DecodeString(made.body); err != nil || len(key) != 32 {
		t.Fatalf("%q: %v", made.body, err)
	}
	if got := made.header.Get("Content-Type") + "|" + made.header.Get("Cache-Control"); got != "text/plain; charset=utf-8|no-store" {
		t.Error(got)
	}
	if again := n.want(http.StatusOK, "GET", "/admin/secrets/generate", ""); again.body == made.body {
		t.Error("the same key twice")
	}
	n.want(http.StatusCreated, "POST", "/admin/secrets?name=Secret&node=A", made.body)
	n.want(http.StatusConflict, "POST", "/admin/secrets?name=SECRET", made.body).wantError(t, "ConcurrencyException", "has a key already")

	n.want(http.StatusCreated, "PUT", "/admin/databases?name=Secret", `{"DatabaseName":"Secret","Encrypted":true}`)
	n.want(http.StatusCreated, "PUT", "/databases/Secret/docs?id=a", `{"Name":"Ada"}`)
	n.want(http.StatusOK, "GET", "/databases/Secret/docs?id=a", "").wantMember(t, "Ada", "Results", 0, "Name")
	record := n.want(http.StatusOK, "GET", "/admin/databases?name=Secret", "")
	record.wantMember(t, true, "Encrypted")
	if strings.Contains(record.body, made.body) {
		t.Error("the record shows the key")
	}
	n.want(http.StatusConflict, "POST", "/admin/secrets?name=Secret", made.body).wantError(t, "ConcurrencyException", "exists")
	// the record comes back as it was read, with its Encrypted, and cannot lose it
	n.want(http.StatusCreated, "PUT", "/admin/databases?name=Secret", `{"Encrypted":true}`, "ETag", record.etag(t))
	n.want(http.StatusBadRequest, "PUT", "/admin/databases?name=Secret", `{"Encrypted":false}`, "ETag",
		n.want(http.StatusOK, "GET", "/admin/databases?name=Secret", "").etag(t)).wantError(t, "BadRequestException", "cannot be changed")
	// without a key given before, one is made
	n.want(http.StatusCreated, "PUT", "/admin/databases?name=Other", `{"Encrypted":true}`)
	n.want(http.StatusCreated, "PUT", "/admin/databases?name=Plain", `{"Encrypted":false}`)
	n.want(http.StatusOK, "GET", "/admin/databases?name=Plain", "").wantMember(t, false, "Encrypted")
}

// etag is the etag of a record, as clients send it back.
func (a answer) etag(t *testing.T) string {
	t.Helper()
	_, rest, _ := strings.Cut(a.body, `"Etag":`)
	digits, _, _ := strings.Cut(rest, ",")
	return `"` + digits + `"`
}

func TestSecrets_RefuseWhatIsNoKey(t *testing.T) {
	n := startEncrypting(t)
	good := base64.StdEncoding.EncodeToString(make([]byte, 32))
	n.want(http.StatusBadRequest, "POST", "/admin/secrets", good).wantError(t, "BadRequestException", "name")
	n.want(http.StatusBadRequest, "POST", "/admin/secrets?name=a%2Fb", good)
	n.want(http.StatusNotImplemented, "POST", "/admin/secrets?name=a&node=B", good).wantError(t, "NotSupportedException", "node B")
	for _, body := range []string{"", "hunter2", good + good, strings.Repeat("!", 44), `"` + good + `"`} {
		a := n.want(http.StatusBadRequest, "POST", "/admin/secrets?name=a", body)
		a.wantError(t, "BadRequestException", "the request body")
		if strings.Contains(a.body, "hunter2") {
			t.Errorf("the answer shows what was given: %s", a.body)
		}
	}
	n.want(http.StatusCreated, "POST", "/admin/secrets?name=a", good+"\n")
}

// TestSecrets_NotInTheClear: a server without TLS gives and takes no keys unless somebody accepts that.
func TestSecrets_NotInTheClear(t *testing.T) {
	n := startNode(t)
	const setting = "Security.UnsecuredEncryption.Allowed"
	n.want(http.StatusBadRequest, "PUT", "/admin/databases?name=Secret", `{"Encrypted":true}`).wantError(t, "BadRequestException", setting)
	n.want(http.StatusBadRequest, "POST", "/admin/secrets?name=Secret", base64.StdEncoding.EncodeToString(make([]byte, 32))).
		wantError(t, "BadRequestException", setting)
	n.want(http.StatusBadRequest, "GET", "/admin/secrets/generate", "").wantError(t, "BadRequestException", setting)
	n.want(http.StatusNotFound, "GET", "/admin/databases?name=Secret", "")
}
