package zdict_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/compression/zdict"
)

// trained returns a dictionary for the first era of orders.
func trained(t testing.TB, id uint32) zdict.Dictionary {
	t.Helper()
	got, err := zdict.Train(id, compressiontest.NewOrders(1).Many(512), nil)
	if err != nil {
		t.Fatal(err)
	}
	return zdict.Dictionary{
		ID: id, Name: "Orders", Trained: time.UnixMilli(1_700_000_000_123).UTC(), Samples: uint32(got.Samples),
		Ratio: float64(int(got.Ratio()*1000)) / 1000, Bytes: got.Bytes,
	}
}

func newEncoder(t testing.TB, d *zdict.Dictionary) *zdict.Encoder {
	t.Helper()
	e, err := zdict.NewEncoder(d)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func newDecoder(t testing.TB, d *zdict.Dictionary) *zdict.Decoder {
	t.Helper()
	dec, err := zdict.NewDecoder(d, zdict.DecoderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return dec
}

// xorSealer stands for encryption: it changes every byte, and notices when what it is bound to changed.
type xorSealer struct{ key byte }

func (s xorSealer) Seal(dst, plain, bound []byte) ([]byte, error) {
	dst = append(dst, s.sum(bound))
	for _, b := range plain {
		dst = append(dst, b^s.key)
	}
	return dst, nil
}

func (s xorSealer) Unseal(dst, sealed, bound []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != s.sum(bound) {
		return nil, errors.New("not what was sealed")
	}
	for _, b := range sealed[1:] {
		dst = append(dst, b^s.key)
	}
	return dst, nil
}

func (s xorSealer) sum(bound []byte) byte {
	sum := s.key
	for _, b := range bound {
		sum = sum*31 + b
	}
	return sum
}
