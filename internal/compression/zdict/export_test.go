package zdict

import "encoding/binary"

// MendChecksum puts the checksum of a file of copies right, so that fuzzing comes past it.
func MendChecksum(file []byte) {
	if len(file) >= copiesHeaderBytes {
		binary.LittleEndian.PutUint64(file[copiesCheckOff:], checksum(file, copiesCheckOff))
	}
}

// MendRecordChecksum does so for the record of a dictionary.
func MendRecordChecksum(record []byte) {
	if len(record) >= recordHeaderBytes {
		binary.LittleEndian.PutUint64(record[recordCheckOff:], checksum(record, recordCheckOff))
	}
}
