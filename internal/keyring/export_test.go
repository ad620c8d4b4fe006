package keyring

// SplitArguments cuts the text of a setting into arguments.
var SplitArguments = splitArguments

// DecodeKeyFile says whether b is a key file, and what is left of it when written anew.
func DecodeKeyFile(b []byte) ([]byte, error) {
	f, err := decodeKeyFile(b, "db")
	if err != nil {
		return nil, err
	}
	return appendKeyFile(nil, f), nil
}

// Layout is the table of docs/format/key.md as the code has it.
var Layout = struct{ Head, Slot map[string][2]int }{
	Head: map[string][2]int{
		"magic": {magicOff, versionOff - magicOff}, "version": {versionOff, slotsOff - versionOff}, "slots": {slotsOff, 1},
		"zero": {slotsOff + 1, databaseOff - slotsOff - 1}, "database": {databaseOff, headBytes - databaseOff},
	},
	Slot: map[string][2]int{
		"master": {masterOff, nonceOff - masterOff}, "nonce": {nonceOff, wrappedOff - nonceOff},
		"key": {wrappedOff, 32}, "tag": {wrappedOff + 32, slotBytes - wrappedOff - 32},
	},
}
