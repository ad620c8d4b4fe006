package api_test

import (
	"net/http"
	"testing"
)

func TestMemoryStats_TellWhereMemoryIs(t *testing.T) {
	n := startNode(t)
	a := n.want(http.StatusOK, "GET", "/admin/debug/memory/stats", "")
	a.wantMember(t, "normal", "Severity")
	a.wantMember(t, "HeapInUse", "Parts", 0, "Name")
	a.wantMember(t, true, "Parts", 0, "InMemory")
	a.wantMember(t, "db1", "Databases", 0, "Name")
	a.wantMember(t, false, "AddressSpace", "Warning")
	if heap, _ := a.get(t, "Parts", 0, "Bytes").(float64); heap < 1 {
		t.Errorf("HeapInUse = %v", heap)
	}
	parts, _ := a.get(t, "Parts").([]any)
	sum := 0.0
	for _, p := range parts {
		if part, _ := p.(map[string]any); part["InMemory"] == true {
			bytes, _ := part["Bytes"].(float64)
			sum += bytes
		}
	}
	untouched, _ := a.get(t, "Untouched").(float64)
	if explained, _ := a.get(t, "Explained").(float64); explained != sum-untouched || len(parts) != 10 {
		t.Errorf("%d parts in memory have %v bytes, Explained = %v", len(parts), sum, explained)
	}
	if batch, _ := a.get(t, "Profile", "Batch").(float64); batch != 16<<20 {
		t.Errorf("Profile.Batch = %v", batch)
	}
	if list, ok := a.get(t, "Changes").([]any); !ok || len(list) != 0 {
		t.Errorf("Changes = %v", list)
	}
}
