package zdict

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

// marker stands in values at every place, and must not be in memory once they are scrubbed.
const marker = "Top5ecret!"

// Values of many shapes, among them those that make literals, matches, several blocks and raw blocks.
func markedValues() [][]byte {
	noise := scrubText(40_000)
	return [][]byte{
		[]byte(strings.Repeat(marker+" and some words around it, not all the same: ", 3)),
		[]byte(`{"Name":"` + marker + `","City":"London","Address":{"Street":"Baker Street","No":221},"Tags":["a","b","c"],"Again":"London"}`),
		bytes.Join([][]byte{noise[:3000], []byte(marker), noise[3000:9000], []byte(marker), noise[100:300]}, nil),
		bytes.Join([][]byte{noise, noise[:200], []byte(marker), noise[:20000], bytes.Repeat([]byte(marker), 20000)}, nil),
	}
}

// TestScrub_LeavesNothingOfValues looks through all memory that an encoder and a decoder reach, to the ends of their buffers.
func TestScrub_LeavesNothingOfValues(t *testing.T) {
	samples := make([][]byte, 100)
	for i := range samples {
		samples[i] = []byte(strings.Repeat(`{"Name":"Ada","City":"London","No":`, 2+i%5) + string(rune('a'+i%26)))
	}
	trained, err := Train(1, samples, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*Dictionary{nil, {ID: 1, Bytes: trained.Bytes}} {
		enc, err := NewEncoder(d)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := NewDecoder(d, DecoderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		wiping, err := NewDecoder(d, DecoderOptions{Wipe: true})
		if err != nil {
			t.Fatal(err)
		}
		seenDirty := 0
		for i, value := range markedValues() {
			stored := enc.Append(nil, value)
			if found := find(enc, marker); found != "" {
				seenDirty++
			}
			for range 2 {
				if _, err := plain.Append(nil, stored); err != nil {
					t.Fatal(err)
				}
				if _, err := wiping.Append(nil, stored); err != nil {
					t.Fatal(err)
				}
			}
			if find(plain, marker) != "" {
				seenDirty++
			}
			if found := find(wiping, marker); found != "" {
				t.Errorf("value %d, dictionary %v: the decoder still has it in %s", i, d != nil, found)
			}
			enc.Scrub()
			if found := find(enc, marker); found != "" {
				t.Errorf("value %d, dictionary %v: the encoder still has it in %s", i, d != nil, found)
			}
		}
		if seenDirty == 0 {
			t.Error("nothing is ever found, so finding nothing means nothing")
		}
	}
}

// find returns the path to a byte slice or array below root that has text in it.
func find(root any, text string) string {
	w := walker{text: text, seen: map[unsafe.Pointer]bool{}}
	w.walk(reflect.ValueOf(root), reflect.TypeOf(root).String())
	return w.found
}

type walker struct {
	text  string
	seen  map[unsafe.Pointer]bool
	found string
}

func (w *walker) walk(v reflect.Value, path string) {
	if w.found != "" {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !w.seen[v.UnsafePointer()] {
			w.seen[v.UnsafePointer()] = true
			w.walk(v.Elem(), path)
		}
	case reflect.Interface:
		if !v.IsNil() {
			w.walk(v.Elem(), path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			w.walk(v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice:
		w.walkSlice(v, path)
	case reflect.Array:
		w.walkArray(v, path)
	case reflect.Map:
		for _, key := range v.MapKeys() {
			w.walk(v.MapIndex(key), path+"[]")
		}
	case reflect.Chan:
		w.walkChan(v, path)
	default:
	}
}

func (w *walker) walkSlice(v reflect.Value, path string) {
	if v.Cap() == 0 {
		return
	}
	whole := v.Slice(0, v.Cap())
	if v.Type().Elem().Kind() == reflect.Uint8 {
		if bytes.Contains(whole.Bytes(), []byte(w.text)) {
			w.found = path
		}
		return
	}
	if !plain(v.Type().Elem()) {
		for i := range whole.Len() {
			w.walk(whole.Index(i), path+"[]")
		}
	}
}

func (w *walker) walkArray(v reflect.Value, path string) {
	if !plain(v.Type().Elem()) {
		for i := range v.Len() {
			w.walk(v.Index(i), path+"[]")
		}
	} else if v.CanAddr() && v.Len() > 0 {
		b := unsafe.Slice((*byte)(unsafe.Pointer(v.UnsafeAddr())), v.Type().Size())
		if bytes.Contains(b, []byte(w.text)) {
			w.found = path
		}
	}
}

// walkChan takes out what waits in the channel, looks at it, and puts it back.
func (w *walker) walkChan(v reflect.Value, path string) {
	if v.IsNil() || !v.CanAddr() {
		return
	}
	c := reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	for range c.Len() {
		item, _ := c.Recv()
		w.walk(item, path+"<-")
		c.Send(item)
	}
}

// plain says whether values of the type lead nowhere.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice, reflect.Array, reflect.Map, reflect.Chan, reflect.Func:
		return false
	default:
		return true
	}
}
