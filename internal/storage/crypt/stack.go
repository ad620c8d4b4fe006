package crypt

// stackBytes is more than the frames below seal and open take.
const stackBytes = 2048

// sweepStack overwrites the stack below its caller: the ciphers keep blocks of the plaintext in frames there. Called before as
// well, it makes the stack grow first if it must: a stack that grows leaves its old memory behind as it is.
//
//go:noinline
func sweepStack() {
	var room [stackBytes]byte
	keep(&room)
}

//go:noinline
func keep(room *[stackBytes]byte) { room[stackBytes-1] = 0 }
