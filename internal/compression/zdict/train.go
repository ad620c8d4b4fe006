package zdict

import (
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// Trained is a dictionary that was just made, and what it is good for. Sizes are of the samples that were held out: every
// eighth, which took no part in making it.
type Trained struct {
	Bytes                               []byte
	Samples                             int // that took part
	RawBytes, StoredBytes, CurrentBytes int // held out: raw, stored with this dictionary, with the current one or none
}

// Ratio is raw bytes by stored bytes of the samples held out.
func (t Trained) Ratio() float64 { return float64(t.RawBytes) / float64(max(1, t.StoredBytes)) }

// holdOutEvery is how many samples there are for one that is held out.
const holdOutEvery = 8

// Train makes a dictionary with that id from samples, whose order must be by chance. current is what is in use, nil for
// none. Samples longer than SampleBytesMax are cut. Equal samples make equal dictionaries.
//
// It takes about 20 ms and 4 MiB for each 500 KiB of samples. *UntrainableError when the samples have nothing in common,
// or are fewer than SamplesMin; *CorruptError when current is damaged.
func Train(id uint32, samples [][]byte, current *Dictionary) (Trained, error) {
	if len(samples) < SamplesMin {
		return Trained{}, &UntrainableError{Err: fmt.Errorf("%d of them, want %d or more", len(samples), SamplesMin)}
	}
	train, heldOut := divide(samples)
	before, err := NewEncoder(current)
	if err != nil {
		return Trained{}, err
	}
	raw, currentBytes := measure(before, heldOut)
	var best Trained
	// Short segments suit values of many shapes, long ones those that are all alike: the samples decide.
	for _, segmentBytes := range []int{256, 1024} {
		t, err := trainWith(id, train, heldOut, segmentBytes)
		if err != nil {
			return Trained{}, err
		}
		if best.Bytes == nil || t.StoredBytes < best.StoredBytes {
			best = t
		}
	}
	best.RawBytes, best.CurrentBytes = raw, currentBytes
	return best, nil
}

// divide cuts the samples, and holds every eighth out.
func divide(samples [][]byte) (train, heldOut [][]byte) {
	for i, s := range samples {
		s = s[:min(len(s), SampleBytesMax)]
		if i%holdOutEvery == 0 {
			heldOut = append(heldOut, s)
		} else {
			train = append(train, s)
		}
	}
	return train, heldOut
}

func trainWith(id uint32, train, heldOut [][]byte, segmentBytes int) (Trained, error) {
	content := coverContent(train, DictionaryBytes, segmentBytes)
	bytes, err := zstd.BuildDict(zstd.BuildDictOptions{
		ID: id, Contents: train, History: content, Offsets: [3]int{1, 4, 8}, Level: level,
	})
	if err != nil {
		return Trained{}, &UntrainableError{Err: err}
	}
	e, err := NewEncoder(&Dictionary{ID: id, Bytes: bytes})
	if err != nil {
		return Trained{}, &UntrainableError{Err: err}
	}
	_, stored := measure(e, heldOut)
	return Trained{Bytes: bytes, Samples: len(train), StoredBytes: stored}, nil
}

// measure returns how long the values are, and how long e makes them.
func measure(e *Encoder, values [][]byte) (raw, stored int) {
	var b []byte
	for _, v := range values {
		b = e.Append(b[:0], v)
		raw += len(v)
		stored += len(b)
	}
	return raw, stored
}
