package api_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestIDs_AsWritten(t *testing.T) {
	n := startNode(t)
	for _, id := range []string{
		"a", "a b", "a+b", "a%b", "a&b=c;d", "é", "Ünï/çödé", "你好/1", "😀", `quote"d`, "a'b", "#", "?x", "a?b", "users/1-A", "..", "/", "//a",
		strings.Repeat("x", 512), strings.Repeat("é", 256), strings.Repeat("Ⱥ", 256),
	} {
		if strings.HasSuffix(id, "/") {
			continue // completed by the server
		}
		at := docs + "?&id=" + url.QueryEscape(id)
		n.want(http.StatusCreated, "PUT", at, `{"v":1}`).wantMember(t, id, "Id")
		n.want(http.StatusOK, "GET", at, "").wantMember(t, id, "Results", 0, "@metadata", "@id")
		n.want(http.StatusOK, "GET", docs+"?id="+url.QueryEscape(strings.ToUpper(id)), "").wantMember(t, id, "Results", 0, "@metadata", "@id")
		n.want(http.StatusOK, "HEAD", at, "")
		n.want(http.StatusOK, "GET", docs+"?startsWith="+url.QueryEscape(id), "").wantMember(t, id, "Results", 0, "@metadata", "@id")
		n.want(http.StatusNoContent, "DELETE", at, "")
		n.want(http.StatusNotFound, "HEAD", at, "")
	}
}

func TestIDs_CompletedByTheServer(t *testing.T) {
	n := startNode(t)
	guid := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	for _, query := range []string{"?id=", "?id", "?&id=&"} {
		if id, _ := n.want(http.StatusCreated, "PUT", docs+query, `{}`).get(t, "Id").(string); !guid.MatchString(id) {
			t.Errorf("%s: the id is %q, want a GUID", query, id)
		}
	}
	n.want(http.StatusCreated, "PUT", docs+"?id=users/", `{}`).wantMember(t, "users/0000000000000000004-A", "Id")
	n.want(http.StatusBadRequest, "PUT", docs, `{}`).wantError(t, "BadRequestException", "parameter id")
	n.want(http.StatusCreated, "PUT", docs+"?id=users%7C", `{}`).wantMember(t, "users/1", "Id")
}

// An id that no document can have is refused by a write, and found by no read.
func TestIDs_Unfit(t *testing.T) {
	n := startNode(t)
	f := func(status int, part, id string) {
		t.Helper()
		at := docs + "?id=" + id
		n.want(status, "PUT", at, `{}`).wantError(t, "BadRequestException", part)
		n.want(status, "POST", bulk, `{"Commands":[{"Type":"PUT","Id":`+quoted(id)+`,"Document":{}}]}`).wantError(t, "BadRequestException", part)
		n.want(http.StatusNotFound, "GET", at, "")
		n.want(http.StatusNotFound, "HEAD", at, "")
		n.want(http.StatusOK, "GET", docs+"?id=x&id="+id, "").wantMember(t, nil, "Results", 1)
		n.want(http.StatusOK, "GET", docs+"?startsWith="+id+"&startAfter="+id, "")
		n.want(http.StatusNoContent, "DELETE", at, "")
		n.want(http.StatusConflict, "DELETE", at, "", "If-Match", `"A:1-x"`)
	}
	f(http.StatusRequestEntityTooLarge, "512 bytes", strings.Repeat("x", 513))
	f(http.StatusRequestEntityTooLarge, "512 bytes", strings.Repeat("x", 5000))
	f(http.StatusRequestEntityTooLarge, "512 bytes", strings.Repeat("%C3%A9", 256)+"x")
	f(http.StatusBadRequest, "control character", "a%00b")
	f(http.StatusBadRequest, "control character", "a%0Ab")
	f(http.StatusBadRequest, "backslash", "a%5Cb")
	n.want(http.StatusBadRequest, "PUT", docs+"?id=a%FFb", `{}`).wantError(t, "BadRequestException", "UTF-8")
	n.want(http.StatusNotFound, "GET", docs+"?id=a%FFb", "")
	n.want(http.StatusBadRequest, "HEAD", docs+"?id=", "")
	n.want(http.StatusBadRequest, "DELETE", docs+"?id=", "").wantError(t, "BadRequestException", "parameter id")
}

// quoted is the JSON string of an escaped id.
func quoted(id string) string {
	text, err := url.QueryUnescape(id)
	if err != nil {
		panic(err)
	}
	text = strings.NewReplacer(`\`, `\\`, "\x00", `\u0000`, "\n", `\n`).Replace(text)
	return `"` + text + `"`
}
