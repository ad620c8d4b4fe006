package compression

import "math"

// watch is what the service knows of one name: how well its dictionary does, and the samples for the next one.
type watch struct {
	current  uint32  // the dictionary that all of this speaks of, 0 for none
	promised float64 // the ratio that current must hold: measured at training, or better
	values   uint64  // that current was used for
	raw      float64 // moving averages of bytes a value, over averageValues
	stored   float64

	collecting bool
	samples    samples
	fed        uint64 // Service.offered when samples came last

	training bool   // the samples are being trained on
	wait     uint64 // values until samples are wanted again
	failures int    // trainings in vain since the last good one
}

// use makes current the dictionary that is watched.
func (w *watch) use(current uint32, promised float64) {
	if w.current == current {
		return
	}
	w.samples.wipe()
	*w = watch{current: current, promised: promised, training: w.training}
}

// see takes values of one session into the averages.
func (w *watch) see(l *lane) {
	if l.values == 0 {
		return
	}
	keep := math.Pow(1-1.0/averageValues, float64(l.values))
	if w.values == 0 {
		keep = 0
	}
	w.raw = w.raw*keep + float64(l.raw)/float64(l.values)*(1-keep)
	w.stored = w.stored*keep + float64(l.stored)/float64(l.values)*(1-keep)
	w.values += uint64(l.values)
	w.wait -= min(w.wait, uint64(l.values))
	if w.values >= watchValuesMin {
		w.promised = max(w.promised, w.ratio()) // samples may be parts of values, and do worse than these
	}
}

// ratio is what values become smaller by, on average.
func (w *watch) ratio() float64 {
	if w.stored == 0 {
		return 1
	}
	return w.raw / w.stored
}

// wantsSamples says whether a dictionary is missing, or the one there does not fit any more.
func (w *watch) wantsSamples(retrainBelow float64) bool {
	if w.training || w.wait > 0 {
		return false
	}
	return w.current == 0 || w.values >= watchValuesMin && w.ratio() < w.promised*retrainBelow
}

// due says whether there are samples enough to train on.
func (w *watch) due(trainAfter int) bool {
	return w.collecting && w.samples.seen >= uint64(trainAfter)
}

// inVain notes that training made nothing better: what there is does as well as can be had, and must hold that from now on.
func (w *watch) inVain(trainAfter int) {
	w.wait = uint64(trainAfter) * waitFactor << w.failures
	w.failures = min(w.failures+1, failuresMax)
	if w.values > 0 {
		w.promised = w.ratio()
	}
}

// postpone notes that there was no training, which says nothing of the data.
func (w *watch) postpone(trainAfter int) { w.wait = uint64(trainAfter) * waitFactor }

func (w *watch) stopCollecting() {
	w.samples.wipe()
	w.collecting, w.samples = false, samples{}
}
