package planted

// Fault is one that can be planted.
type Fault string

// The faults, by what somebody forgot or got wrong.
const (
	SkipDataSync       Fault = "skip-data-sync"       // headers tell of pages that are not durable
	SkipHeaderSync     Fault = "skip-header-sync"     // journals go before the header is durable that lets them
	OneHeader          Fault = "one-header"           // only one header is written before journals go
	LoseRecord         Fault = "lose-record"          // a commit is confirmed whose record was not written
	ShowEarly          Fault = "show-early"           // readers see a commit before it is durable
	BuildOnFailed      Fault = "build-on-failed"      // a commit succeeds although the one it builds on failed
	KeepEarly          Fault = "keep-early"           // what was encoded early stays, though the page was changed again
	RetireEarly        Fault = "retire-early"         // one journal too many goes
	TrustTornRecord    Fault = "trust-torn-record"    // the hash of a record is not compared
	AcceptGap          Fault = "accept-gap"           // a damaged record in the middle counts as the end of the log
	DiffMissesEnd      Fault = "diff-misses-end"      // changes in the last word of a page are not logged
	TrustPages         Fault = "trust-pages"          // checksums of pages are not compared
	TrustPlace         Fault = "trust-place"          // a page in another one's place is accepted
	TrustOldVerdict    Fault = "trust-old-verdict"    // a page that was rewritten counts as verified still
	FlushPastReader    Fault = "flush-past-reader"    // the data file gets pages that are newer than an old reader
	FreeTooEarly       Fault = "free-too-early"       // versions are used again that an old reader has
	KeepRolledBack     Fault = "keep-rolled-back"     // structures of a rolled back transaction stay
	KeepHints          Fault = "keep-hints"           // what a rolled back transaction knew of free space stays
	FitOneShort        Fault = "fit-one-short"        // a free run that is one page too short is given out
	LeakRun            Fault = "leak-run"             // the pages of a deleted long row stay busy
	SplitLosesEntry    Fault = "split-loses-entry"    // a split of a leaf forgets an entry now and then
	ReuseNonce         Fault = "reuse-nonce"          // all flushes encrypt with one nonce
	SkipImages         Fault = "skip-images"          // encrypted pages are written without images
	AcceptPlain        Fault = "accept-plain"         // an encrypted environment takes journal records in clear
	KeepClear          Fault = "keep-clear"           // decrypted pages are not wiped
	UnmarkedSwap       Fault = "unmarked-swap"        // a compaction swaps files before its marker is durable
	KeepLostDictionary Fault = "keep-lost-dictionary" // a dictionary of a rolled back transaction is used
)
