package zdict

import "github.com/klauspost/compress/zstd"

// Bounds of values and dictionaries.
const (
	// WorthBytesMin is the shortest value that is compressed: below it the header and the call cost more than can be saved.
	WorthBytesMin = 64
	// DictionaryValueBytesMax is the longest value that is compressed with a dictionary. Longer ones repeat themselves enough,
	// and the encoder would have to clear all its tables after each of them.
	DictionaryValueBytesMax = 32 << 10
	// RawBytesMax is the longest value that is compressed, and the most that any stored value is believed to become. Above
	// it the memory of one read would be out of proportion; such values are stored plain.
	RawBytesMax = 64 << 20
	// DictionaryBytes is how much content a trained dictionary has: twice as much gains less than one per cent on
	// documents of 1 KiB, half as much loses three.
	DictionaryBytes = 32 << 10
	// DictionaryBytesMax is the longest dictionary that is read; it leaves room for other ways of training.
	DictionaryBytesMax = 1 << 20
	// NameBytesMax is the longest name of what a dictionary is for.
	NameBytesMax = 512
	// CopiesBytesMax is the longest file of copies that is read.
	CopiesBytesMax = 1 << 30

	// SampleBytesMax is how much of one value trains: more of a long value would crowd out others.
	SampleBytesMax = 2 << 10
	// SamplesMin is the fewest values that train. Fewer make a dictionary that fits these values and no others.
	SamplesMin = 64

	// worthSavedPart is the part of a value that compression must save, one eighth, to be worth decoding it at each read.
	worthSavedPart = 8
	// blockBytesMax is the most that one block of a frame becomes (RFC 8878, section 3.1.1.2.4), blockStoredBytesMin the least it takes.
	blockBytesMax       = 128 << 10
	blockStoredBytesMin = 4
	// windowBytes is how far back the encoder without dictionary looks. It bounds its memory to about twice as much.
	windowBytes = 1 << 20
	// dictionaryWindowBytes covers a dictionary and a value of DictionaryValueBytesMax.
	dictionaryWindowBytes = 128 << 10
	// frameBytesKept is how much scratch memory a decoder keeps from one value to the next.
	frameBytesKept = 64 << 10
	// decodeSlackBytes is what the decoder's fast loop may write beyond the value.
	decodeSlackBytes = 16

	// growBytes is what the encoder may need beyond the value's length: headers of the frame and of a block.
	growBytes = 32

	// level is the encoder's. With a dictionary the faster level also gave the smaller result, at a third of the memory.
	level = zstd.SpeedFastest
)
