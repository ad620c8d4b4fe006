package crypt_test

import (
	"testing"

	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/page"
)

func BenchmarkSealPage(b *testing.B) {
	for _, a := range algorithms {
		b.Run(a.String(), func(b *testing.B) {
			k, run := newKeys(a), plainRun(7, 1)
			b.ReportAllocs()
			b.SetBytes(page.SizeBytes)
			for b.Loop() {
				k.SealPage(run, nonce(1))
			}
		})
	}
}

func BenchmarkOpenPage(b *testing.B) {
	for _, a := range algorithms {
		b.Run(a.String(), func(b *testing.B) {
			k := newKeys(a)
			run, dst := sealedRun(k, 7, 1), make([]byte, page.SizeBytes)
			b.ReportAllocs()
			b.SetBytes(page.SizeBytes)
			for b.Loop() {
				if err := k.OpenPage(dst, run, 7); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNewKeys(b *testing.B) {
	for _, a := range algorithms {
		b.Run(a.String(), func(b *testing.B) {
			key, id := numbered(32, 0), numbered(16, 1)
			b.ReportAllocs()
			for b.Loop() {
				crypt.NewKeys(a, key, id).Wipe()
			}
		})
	}
}
