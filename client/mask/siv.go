package mask

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// siv is AES-SIV, deterministic authenticated encryption, after RFC 5297.
type siv struct {
	mac     *cmac
	encrypt cipher.Block
}

// newSIV takes 32, 48 or 64 bytes: half for authentication, half for encryption (section 2.2).
func newSIV(key []byte) (*siv, error) {
	half := len(key) / 2
	auth, err := aes.NewCipher(key[:half])
	if err != nil {
		return nil, err
	}
	encrypt, err := aes.NewCipher(key[half:])
	if err != nil {
		return nil, err
	}
	return &siv{mac: newCMAC(auth), encrypt: encrypt}, nil
}

// seal returns the synthetic IV and the encrypted plaintext (section 2.6). associated is authenticated, each part for itself.
func (s *siv) seal(plaintext []byte, associated ...[]byte) []byte {
	iv := s.s2v(plaintext, associated)
	sealed := make([]byte, idOff+len(plaintext))
	copy(sealed[tagOff:], iv[:])
	s.crypt(sealed[idOff:], plaintext, iv)
	return sealed
}

// open undoes seal (section 2.7). ok is false when key, associated or a bit of sealed is another. sealed has 16 bytes at least.
func (s *siv) open(sealed []byte, associated ...[]byte) (plaintext []byte, ok bool) {
	iv := [aes.BlockSize]byte(sealed[tagOff:idOff])
	plaintext = make([]byte, len(sealed)-idOff)
	s.crypt(plaintext, sealed[idOff:], iv)
	want := s.s2v(plaintext, associated)
	return plaintext, subtle.ConstantTimeCompare(iv[:], want[:]) == 1
}

// crypt is counter mode from the IV with two bits cleared (section 2.5).
func (s *siv) crypt(dst, src []byte, iv [aes.BlockSize]byte) {
	iv[8] &= 0x7f
	iv[12] &= 0x7f
	cipher.NewCTR(s.encrypt, iv[:]).XORKeyStream(dst, src)
}

// s2v is the pseudorandom function over several strings (section 2.4).
func (s *siv) s2v(plaintext []byte, associated [][]byte) [aes.BlockSize]byte {
	d := s.mac.sum(make([]byte, aes.BlockSize))
	for _, a := range associated {
		d = double(d)
		sum := s.mac.sum(a)
		subtle.XORBytes(d[:], d[:], sum[:])
	}
	var t []byte
	if len(plaintext) >= aes.BlockSize {
		t = append(t, plaintext...)
		end := t[len(t)-aes.BlockSize:]
		subtle.XORBytes(end, end, d[:])
	} else {
		d = double(d)
		t = make([]byte, aes.BlockSize)
		t[copy(t, plaintext)] = padBegins
		subtle.XORBytes(t, t, d[:])
	}
	return s.mac.sum(t)
}

// cmac is AES-CMAC after RFC 4493.
type cmac struct {
	block  cipher.Block
	k1, k2 [aes.BlockSize]byte // for a last block that is full, or padded
}

func newCMAC(block cipher.Block) *cmac {
	m := &cmac{block: block}
	var l [aes.BlockSize]byte
	block.Encrypt(l[:], l[:])
	m.k1 = double(l)
	m.k2 = double(m.k1)
	return m
}

func (m *cmac) sum(message []byte) [aes.BlockSize]byte {
	var x [aes.BlockSize]byte
	for len(message) > aes.BlockSize {
		subtle.XORBytes(x[:], x[:], message[:aes.BlockSize])
		m.block.Encrypt(x[:], x[:])
		message = message[aes.BlockSize:]
	}
	last, key := [aes.BlockSize]byte{}, m.k1
	if n := copy(last[:], message); n < aes.BlockSize {
		last[n] = padBegins
		key = m.k2
	}
	subtle.XORBytes(x[:], x[:], last[:])
	subtle.XORBytes(x[:], x[:], key[:])
	m.block.Encrypt(x[:], x[:])
	return x
}

// double multiplies by x in GF(2^128), in the same time for all values (RFC 4493, section 2.3; RFC 5297, section 2.3).
func double(b [aes.BlockSize]byte) [aes.BlockSize]byte {
	var out [aes.BlockSize]byte
	carry := byte(0)
	for i := aes.BlockSize - 1; i >= 0; i-- {
		out[i] = b[i]<<1 | carry
		carry = b[i] >> 7
	}
	out[aes.BlockSize-1] ^= 0x87 & -carry // x^128 = x^7 + x^2 + x + 1
	return out
}
