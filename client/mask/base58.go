package mask

import (
	"math"
	"strings"
)

// base58 is the alphabet of Bitcoin's Base58: letters and digits that are not mistaken for each other (no 0, O, I, l).
const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// width is how many characters n bytes take. All texts of n bytes have it, leading zeros included, so that the length tells
// n and nothing else. No two n share a width, as a byte takes 1.37 characters.
func width(n int) int { return int(math.Ceil(float64(n) * 8 / math.Log2(58))) }

// encodeBase58 writes data as one number in base 58, with leading zeros up to its width.
func encodeBase58(data []byte) string {
	digits := make([]byte, width(len(data))) // the last digit is the least
	for _, b := range data {
		carry := int(b)
		for i := len(digits) - 1; i >= 0; i-- {
			carry += int(digits[i]) << 8
			digits[i] = byte(carry % 58)
			carry /= 58
		}
	}
	for i, d := range digits {
		digits[i] = base58[d]
	}
	return string(digits)
}

// decodeBase58 undoes encodeBase58. Of each text of bytes there is one form only: others are refused.
func decodeBase58(text string) ([]byte, bool) {
	n := int(float64(len(text)) * math.Log2(58) / 8)
	if n > maskedBytesMax || width(n) != len(text) {
		return nil, false
	}
	data := make([]byte, n)
	for _, c := range []byte(text) {
		carry := strings.IndexByte(base58, c)
		if carry < 0 {
			return nil, false
		}
		for i := n - 1; i >= 0; i-- {
			carry += int(data[i]) * 58
			data[i] = byte(carry)
			carry >>= 8
		}
		if carry > 0 {
			return nil, false // a number that n bytes do not hold
		}
	}
	return data, true
}
