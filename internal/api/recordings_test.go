package api_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

const transactions = "/databases/db1/admin/transactions"

// TestRecordings_AreReplayedElsewhere: what one database recorded gives another one the same documents, sent as it is or as a form.
func TestRecordings_AreReplayedElsewhere(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	n := startNodeOn(t, disk)
	n.want(http.StatusNoContent, "POST", transactions+"/start-recording", `{"File":"monday.rec"}`)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`)
	n.want(http.StatusConflict, "PUT", docs+"?id=a", `{"v":2}`, "If-Match", `"A:99-x"`)
	n.want(http.StatusCreated, "POST", "/databases/db1/bulk_docs",
		`{"Commands":[{"Id":"b","Type":"PUT","Document":{"v":2}},{"Id":"a","Type":"DELETE"}]}`)
	n.want(http.StatusNoContent, "POST", transactions+"/stop-recording", "")
	n.want(http.StatusCreated, "PUT", docs+"?id=c", `{}`)
	file, err := vfs.ReadFile(disk, "data/Databases/db1/recordings/monday.rec")
	if err != nil {
		t.Fatal(err)
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("comment", "not the file")
	part, err := w.CreateFormFile("file", "monday.rec")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(file)
	_ = w.Close()
	for i, body := range []struct{ content, kind string }{{string(file), "application/octet-stream"}, {form.String(), w.FormDataContentType()}} {
		name := fmt.Sprint("other", i)
		n.want(http.StatusCreated, "PUT", "/admin/databases?name="+name, fmt.Sprintf(`{"DatabaseName":%q}`, name))
		a := n.want(http.StatusOK, "POST", "/databases/"+name+"/transactions/replay?operationId=7", body.content, "Content-Type", body.kind)
		a.wantMember(t, 2.0, "ExecutedCommands")
		a.wantMember(t, 2.0, "Transactions")
		a.wantMember(t, 1.0, "SkippedCommands")
		a.wantMember(t, false, "CutShort")
		n.want(http.StatusNotFound, "GET", "/databases/"+name+"/docs?id=a", "")
		n.want(http.StatusNotFound, "GET", "/databases/"+name+"/docs?id=c", "")
		n.want(http.StatusOK, "GET", "/databases/"+name+"/docs?id=b", "").wantMember(t, 2.0, "Results", 0, "v")
	}
}

func TestRecordings_RefuseWhatIsWrong(t *testing.T) {
	n := startNode(t)
	refused := func(path, body, why string, header ...string) {
		t.Helper()
		n.want(http.StatusBadRequest, "POST", path, body, header...).wantError(t, "BadRequestException", why)
	}
	refused(transactions+"/stop-recording", "", "nothing is being recorded")
	refused(transactions+"/start-recording", `{}`, "file name")
	refused(transactions+"/start-recording", `{"File":"../../System/data"}`, "file name")
	n.want(http.StatusNoContent, "POST", transactions+"/start-recording", `{"File":"a"}`)
	refused(transactions+"/start-recording", `{"File":"b"}`, "another recording")
	refused("/databases/db1/transactions/replay", "", "shorter than the header")
	refused("/databases/db1/transactions/replay", strings.Repeat("x", 100), "does not begin")
	refused("/databases/db1/transactions/replay", "--x--\r\n", "with a file", "Content-Type", "multipart/form-data; boundary=x")
	refused("/databases/db1/transactions/replay?operationId=x", "", "operationId")
}
