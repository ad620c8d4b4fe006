package timeseries

import (
	"math"
	"math/bits"
)

// Prices and measurements have few decimals, but as binary fractions no two of them look alike: 0.1 and 0.2 share no run of
// bits worth a window. Of two numbers with at most three decimals the difference is written instead, in units of the last
// decimal. What is written is computed back at once and compared to the bit, so that nothing depends on what a decimal is.

// decimalMax bounds numbers that are written so: in thousandths they are whole numbers that a float64 holds exactly.
const decimalMax = 1e12

// windowBitsCheap is a cost up to which windows are not compared with steps: a new window is an outlay for the values that
// follow, which a step never is. With it, whole numbers near 70 take 1.0 bytes, without it 1.3.
const windowBitsCheap = 24

// powers are the units in one, by decimals.
var powers = [1 << decimalsBits]float64{1, 10, 100, 1000}

// decimalStep is how one number follows from another: so many units further.
type decimalStep struct {
	decimals int
	units    int64
	class    int // place in unitBits
}

// cost returns the bits that the step is written in.
func (s decimalStep) cost() int { return 3 + decimalsBits + unitClassBits + unitBits[s.class] }

// apply returns the number that follows; before is less than decimalMax in size.
func (s decimalStep) apply(before float64) float64 {
	power := powers[s.decimals]
	return float64(int64(math.Round(before*power))+s.units) / power
}

// stepBetween returns the step that leads from one number to another with fewest decimals, if there is one.
func stepBetween(before, after float64) (decimalStep, bool) {
	if !(math.Abs(before) < decimalMax && math.Abs(after) < decimalMax) { // neither are NaN
		return decimalStep{}, false
	}
	for decimals, power := range powers {
		s := decimalStep{decimals: decimals, units: int64(math.Round(after*power)) - int64(math.Round(before*power))}
		if math.Float64bits(s.apply(before)) != math.Float64bits(after) {
			continue
		}
		magnitude := s.units ^ s.units>>63 // what two's complement needs, but for the sign
		need := 1 + bits.Len64(uint64(magnitude))
		for need > unitBits[s.class] {
			if s.class++; s.class == len(unitBits) {
				return decimalStep{}, false
			}
		}
		return s, true
	}
	return decimalStep{}, false
}
