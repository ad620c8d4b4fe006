package compression

// Bounds of the service.
const (
	// dictionariesPerNameMax is how many dictionaries one name may have in the registry: values of older ones keep them there.
	// At the bound the name keeps its current one until some become unused.
	dictionariesPerNameMax = 8
	// dictionariesMax bounds all of them: each training writes them all, twice, beside the environment.
	dictionariesMax = 1024
	// namesMax is how many names are watched. Further ones are compressed, but not trained for.
	namesMax = 4096
	// collectorsMax is how many names may collect samples at once, each up to 1 MiB.
	collectorsMax = 16
	// collectorIdleValues is after how many values of other names a collector gives up its place to another name.
	collectorIdleValues = 1 << 16
	// samplesMax is how many samples one collector keeps.
	samplesMax = 512
	// decodersCachedMax is how many dictionaries are kept ready for reading, each about 0.14 MiB.
	decodersCachedMax = 64
	// encodersMax is how many encoders a session holds, and how many wait for the next session; each about 0.9 MiB.
	encodersMax = 8

	// averageValues is over how many values the ratio is averaged.
	averageValues = 256
	// watchValuesMin is how many values a dictionary must have made before it is judged.
	watchValuesMin = 2 * averageValues
	// betterPercent is what a new dictionary must make of the bytes that the current one makes of samples held out, at most.
	// The samples are few: a smaller gain may be chance, and each dictionary costs 32 KiB three times.
	betterPercent = 95
	// waitFactor times Options.TrainAfterValues is how long a name waits after a training that gave nothing; twice as long
	// each time that there is nothing to gain, up to 2^failuresMax times.
	waitFactor  = 4
	failuresMax = 10
)
