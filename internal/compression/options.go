package compression

import (
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Options says how values of one environment are compressed. Env, FS, Dir, Now and Rand are required. The zero value of all
// others means the default.
type Options struct {
	Env *storage.Env
	FS  vfs.FS // where the environment is
	Dir string // the environment's directory: copies of the dictionaries stand there as well

	Now    func() time.Time // for the time of training, which is for people to read
	Rand   *rand.Rand       // chooses samples; the service alone uses it from then on
	Logger *slog.Logger

	// Sealer encrypts the copies, which hold pieces of values. Required when the environment is encrypted; nil otherwise.
	Sealer zdict.Sealer
	// Wipe overwrites memory that held values, as soon as it is no longer needed, as encrypted environments do. A read costs more
	// than twice as much.
	Wipe bool

	// TrainAfterValues is how many values of a name are seen before a dictionary is trained. Few make a poor dictionary, many
	// a late one. Default 1024; at least 64.
	TrainAfterValues int
	// RetrainBelow is the part of its best ratio below which a dictionary is considered not to fit any more. Close to one
	// trains in vain, close to zero never. Default 0.85.
	RetrainBelow float64

	// ReadOnly writes no copies and takes no sessions.
	ReadOnly bool
	// ManualTraining leaves training to calls of Train: no goroutine.
	ManualTraining bool
}

func (o Options) withDefaults() Options {
	invariant.Assert(o.Env != nil && o.FS != nil && o.Dir != "" && o.Now != nil && o.Rand != nil,
		"compression.Options needs Env, FS, Dir, Now and Rand")
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.TrainAfterValues == 0 {
		o.TrainAfterValues = 1024
	}
	o.TrainAfterValues = max(o.TrainAfterValues, zdict.SamplesMin)
	if o.RetrainBelow == 0 {
		o.RetrainBelow = 0.85
	}
	return o
}
