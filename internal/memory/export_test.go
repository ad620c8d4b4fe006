package memory

import "io/fs"

// ProfileFor is ProfileOf for a program with words of so many bits.
func ProfileFor(bytes int64, wordBits int) Profile { return profileOf(bytes, wordBits) }

// AddressLimit is the limit that ReadAddressSpace reports for words of so many bits.
func AddressLimit(root fs.FS, wordBits int) int64 { return addressLimit(root, wordBits) }

// ReportOf adds up the mappings that a text of smaps lists.
func ReportOf(smaps, dataDir string) Report {
	var r Report
	r.readMappings(smaps, dataDir+"/")
	return r
}
