package dump

import (
	"slices"
	"strconv"
	"time"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// Options are what clients send with an export or import. DefaultOptions has what they mean when they say nothing.
//
// Who acts on them: Filter on kinds, collections and the three Include; RemoveAnalyzers has a function of that name; the rest
// is for the one who exports or imports, to follow or to refuse.
type Options struct {
	OperateOnTypes              Kinds
	OperateOnDatabaseRecordType []string // parts of the database record; exact names of the protocol
	MaxStepsForTransformScript  int
	IncludeExpired              bool
	IncludeArtificial           bool
	IncludeArchived             bool
	Collections                 []string // empty means all
	RemoveAnalyzers             bool
	TransformScript             string
	SkipRevisionCreation        bool
	EncryptionKey               string // base64; a file with it is none that this package reads or writes
	SkipCorruptedData           bool
	CompressionAlgorithm        Compression // Gzip, Zstd, or AnyCompression when nothing was said
	MaxReadOpsPerSecond         int         // 0 is without bound

	// Unknown are the names of members that this version does not know, for the one who exports or imports to report.
	Unknown []string
}

// recordParts are the names that OperateOnDatabaseRecordType may have: first those that clients send if nobody says otherwise.
var recordParts = []string{
	"Client", "ConflictSolverConfig", "Expiration", "ExternalReplications", "PeriodicBackups", "RavenConnectionStrings",
	"RavenEtls", "Revisions", "Settings", "SqlConnectionStrings", "Sorters", "SqlEtls", "HubPullReplications",
	"SinkPullReplications", "TimeSeries", "DocumentsCompression", "Analyzers", "LockMode", "OlapConnectionStrings",
	"OlapEtls", "ElasticSearchConnectionStrings", "ElasticSearchEtls", "PostgreSqlIntegration", "QueueConnectionStrings",
	"QueueEtl", "IndexesHistory", "Refresh",
	"QueueSinks", "DataArchival", "RemoteAttachments", "SchemaValidation", kindNone,
}

// recordPartsDefault is how many of recordParts clients send if nobody says otherwise.
const recordPartsDefault = 27

// DefaultOptions returns what an empty object means.
func DefaultOptions() Options {
	return Options{
		OperateOnTypes:              KindsDefault,
		OperateOnDatabaseRecordType: slices.Clone(recordParts[:recordPartsDefault]),
		MaxStepsForTransformScript:  10_000,
		IncludeExpired:              true,
		IncludeArchived:             true,
	}
}

// ParseOptions reads the JSON of options. Members that are missing or null have their defaults. Errors: *OptionError,
// *TooLargeError, *jsondoc.SyntaxError.
func ParseOptions(text []byte) (Options, error) {
	o := DefaultOptions()
	if len(text) > OptionsBytesMax {
		return o, &TooLargeError{What: "bytes of options", Max: OptionsBytesMax}
	}
	doc, err := jsondoc.Parse(text)
	if err != nil {
		return o, err
	}
	if root := doc.Root(); root.Kind() != jsondoc.Object {
		return o, &OptionError{Option: "(all)", Msg: "an object was expected, and this is " + article(root.Kind())}
	}
	for name, v := range doc.Root().Fields() {
		if v.IsNull() {
			continue
		}
		if err := o.set(name, v); err != nil {
			return DefaultOptions(), err
		}
	}
	return o, nil
}

// set reads one member.
func (o *Options) set(name string, v jsondoc.Value) error {
	p := optionValue{name: name, v: v}
	switch name {
	case "OperateOnTypes":
		o.OperateOnTypes = p.kinds()
	case "OperateOnDatabaseRecordType":
		o.OperateOnDatabaseRecordType = p.recordParts()
	case "MaxStepsForTransformScript":
		o.MaxStepsForTransformScript = p.count()
	case "IncludeExpired":
		o.IncludeExpired = p.bool()
	case "IncludeArtificial":
		o.IncludeArtificial = p.bool()
	case "IncludeArchived":
		o.IncludeArchived = p.bool()
	case "Collections":
		o.Collections = p.strings()
	case "RemoveAnalyzers":
		o.RemoveAnalyzers = p.bool()
	case "TransformScript":
		o.TransformScript = p.string()
	case "SkipRevisionCreation":
		o.SkipRevisionCreation = p.bool()
	case "EncryptionKey":
		o.EncryptionKey = p.string()
	case "SkipCorruptedData":
		o.SkipCorruptedData = p.bool()
	case "CompressionAlgorithm":
		o.CompressionAlgorithm = p.compression()
	case "MaxReadOpsPerSecond":
		o.MaxReadOpsPerSecond = p.count()
	default:
		if len(o.Unknown) < UnknownKept {
			o.Unknown = append(o.Unknown, name)
		}
	}
	return p.err
}

// AppendJSON appends the options as the protocol has them: the five members that clients always send, then those that
// differ from their defaults.
func (o *Options) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"OperateOnTypes":`...)
	dst = jsondoc.AppendString(dst, o.OperateOnTypes.String())
	dst = appendStrings(append(dst, `,"OperateOnDatabaseRecordType":`...), o.OperateOnDatabaseRecordType)
	dst = strconv.AppendInt(append(dst, `,"MaxStepsForTransformScript":`...), int64(o.MaxStepsForTransformScript), 10)
	dst = strconv.AppendBool(append(dst, `,"IncludeExpired":`...), o.IncludeExpired)
	dst = appendStrings(append(dst, `,"Collections":`...), o.Collections)
	for _, b := range []struct {
		name           string
		value, usually bool
	}{
		{"IncludeArtificial", o.IncludeArtificial, false},
		{"IncludeArchived", o.IncludeArchived, true},
		{"RemoveAnalyzers", o.RemoveAnalyzers, false},
		{"SkipRevisionCreation", o.SkipRevisionCreation, false},
		{"SkipCorruptedData", o.SkipCorruptedData, false},
	} {
		if b.value != b.usually {
			dst = strconv.AppendBool(append(dst, `,"`+b.name+`":`...), b.value)
		}
	}
	if o.TransformScript != "" {
		dst = jsondoc.AppendString(append(dst, `,"TransformScript":`...), o.TransformScript)
	}
	if o.EncryptionKey != "" {
		dst = jsondoc.AppendString(append(dst, `,"EncryptionKey":`...), o.EncryptionKey)
	}
	if o.CompressionAlgorithm != AnyCompression {
		dst = jsondoc.AppendString(append(dst, `,"CompressionAlgorithm":`...), algorithmNames[o.CompressionAlgorithm])
	}
	if o.MaxReadOpsPerSecond > 0 {
		dst = strconv.AppendInt(append(dst, `,"MaxReadOpsPerSecond":`...), int64(o.MaxReadOpsPerSecond), 10)
	}
	return append(dst, '}')
}

// algorithmNames are the protocol's names of compressions.
var algorithmNames = map[Compression]string{Gzip: "Gzip", Zstd: "Zstd"}

func appendStrings(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsondoc.AppendString(dst, s)
	}
	return append(dst, ']')
}

// Filter returns what the options say of single items. now decides what has expired.
func (o *Options) Filter(now time.Time) *Filter {
	return &Filter{
		Kinds: o.OperateOnTypes, Collections: o.Collections, Now: now,
		IncludeExpired: o.IncludeExpired, IncludeArtificial: o.IncludeArtificial, IncludeArchived: o.IncludeArchived,
	}
}
