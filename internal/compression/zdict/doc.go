// Package zdict compresses single values with zstd and dictionaries that were trained on values like them.
//
// Start at Encoder.Append (encoder.go) and Decoder.Append (decoder.go); what a stored value looks like stands in format.go,
// how a dictionary is made in train.go. Copies (copies.go) is the file that keeps dictionaries beside the environment, and
// Set (set.go) reads values with what such a file holds.
//
// The package is pure: no file, no clock, no chance, no tree. So a tool that salvages a damaged environment may use it as
// well as the service above, package compression, which decides what is compressed with which dictionary.
package zdict
