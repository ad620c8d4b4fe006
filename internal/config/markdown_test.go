package config_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/config"
)

var update = flag.Bool("update", false, "rewrite docs/settings.md")

func TestMarkdown_IsDocsSettings(t *testing.T) {
	const path = "../../docs/settings.md"
	if *update {
		if err := os.WriteFile(path, []byte(config.Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(config.Markdown(), string(got)); d != "" {
		t.Errorf("docs/settings.md is old; run go test ./internal/config -update (-want +got):\n%s", d)
	}
}

func TestTable_EveryKeyOnceWithADoc(t *testing.T) {
	seen := map[string]bool{}
	for e := range config.Defaults().Entries() {
		if lower := strings.ToLower(e.Key); seen[lower] {
			t.Errorf("%s stands there twice", e.Key)
		} else {
			seen[lower] = true
		}
		if strings.Contains(e.Key, "_") {
			t.Errorf("%s has an underscore, which the environment reads as a dot", e.Key)
		}
	}
	if len(seen) < 80 {
		t.Errorf("the table has %d settings; some are missing", len(seen))
	}
}
