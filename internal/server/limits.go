package server

const (
	// dirNameBytesMax bounds the name of a database's directory; most file systems allow 255 bytes.
	dirNameBytesMax = 200
	// ticksPerElection is how many ticks of the cluster's clock make an election timeout.
	ticksPerElection = 10
)
