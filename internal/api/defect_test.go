package api_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/api"
)

// A handler that panics is answered as any other error, and the log says where it was.
func TestServeHTTP_AnswersAfterAPanic(t *testing.T) {
	var log bytes.Buffer
	n := startNode(t)
	h := api.NewWithDefect(api.Options{Server: n.server, Now: time.Now, Logger: slog.New(slog.NewTextHandler(&log, nil))}, func() {
		panic("a stone in the way")
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/defect?x=1", nil))
	a := answer{w.Code, w.Header(), w.Body.String()}
	if a.status != http.StatusInternalServerError || a.header.Get("X-Half") != "" {
		t.Errorf("status %d, %v", a.status, a.header)
	}
	a.wantError(t, "RavenException", "a stone in the way")
	a.wantMember(t, "/defect?x=1", "Url")
	if !strings.Contains(log.String(), "defect_test.go") {
		t.Errorf("the log does not say where: %s", log.String())
	}
}
