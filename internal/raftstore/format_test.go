package raftstore

import (
	"bytes"
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/rookerydb/rookery/internal/fault"
)

// The bytes on disk are a format: this is how they look.
func TestFormat_Bytes(t *testing.T) {
	f := func(what string, got []byte, want string) {
		t.Helper()
		if string(got) != want {
			t.Errorf("%s = %q, want %q", what, got, want)
		}
	}
	e := &raftpb.Entry{Index: proto.Uint64(9), Term: proto.Uint64(258), Type: raftpb.EntryConfChangeV2.Enum(), Data: []byte("data")}
	f("entry", appendEntry(nil, e), "\x00\x00\x00\x00\x00\x00\x01\x02\x02data")
	f("key", appendKey(nil, 258), "\x00\x00\x00\x00\x00\x00\x01\x02")
	f("hard state", appendHardState(nil, &raftpb.HardState{Term: proto.Uint64(1), Vote: proto.Uint64(2), Commit: proto.Uint64(3)}),
		"\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x03")
	f("place", appendPlace(nil, place{index: 5, term: 6}), "\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x06")
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x01\x02\x02data"))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x01\x02\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEntry(7, b)
		if err != nil {
			if fault.Of(err) != fault.Corrupt {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		if again := appendEntry(nil, e); !bytes.Equal(again, b) {
			t.Fatalf("%q became %q", b, again)
		}
		if term, err := entryTerm(b); err != nil || term != e.GetTerm() {
			t.Fatalf("term = %d, %v, want %d", term, err, e.GetTerm())
		}
	})
}

func FuzzDecodeState(f *testing.F) {
	f.Add([]byte("0123456789012345"))
	f.Add([]byte("012345678901234567890123"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := decodeHardState(b); err == nil && !bytes.Equal(appendHardState(nil, h), b) {
			t.Fatal("hard state does not survive")
		}
		if p, err := decodePlace(b); err == nil && !bytes.Equal(appendPlace(nil, p), b) {
			t.Fatal("place does not survive")
		}
		m, err := decodeMetadata(b)
		if err != nil {
			return
		}
		text, err := appendMetadata(nil, m)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decodeMetadata(text); err != nil || !proto.Equal(m, again) {
			t.Fatalf("metadata does not survive: %v", err)
		}
	})
}
