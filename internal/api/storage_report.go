package api

import (
	"github.com/rookerydb/rookery/internal/storage"
)

// environmentReport is the report of one environment of a database.
type environmentReport struct {
	Name   string
	Type   string // Documents; indexes will have types of their own
	Report storageReport
}

// storageReport is a storage.Report as it is told.
type storageReport struct {
	DataFile   dataFileReport
	Journals   []fileReport
	TempFiles  []fileReport // copies of encrypted pages on their way to the data file
	Structures []structureReport
	// TotalBytes is the length of all files.
	TotalBytes, HeaderBytes, UnflushedBytes int64
}

type dataFileReport struct {
	AllocatedSpaceInBytes    int64 // its length
	UsedSpaceInBytes         int64 // pages of structures, bitmaps, and those reserved
	FreeSpaceInBytes         int64 // pages that will be used again
	PreallocatedSpaceInBytes int64 // pages that were never used
	BeyondFileInBytes        int64 // of those used, what is still in memory and journals only
	BitmapBytes              int64 // of those used
	ReservedBytes            int64 // of those used
}

type fileReport struct {
	Name                  string
	AllocatedSpaceInBytes int64
}

type structureReport struct {
	Name, Type                                          string
	NumberOfEntries                                     uint64
	Depth                                               int
	BranchPages, LeafPages, SectionPages, OverflowPages uint64
	PageCount                                           uint64
	AllocatedSpaceInBytes                               int64
	UsedSpaceInBytes                                    *int64      `json:",omitempty"` // with details, as what follows
	Density                                             *float64    `json:",omitempty"`
	Rows                                                *rowsReport `json:",omitempty"`
}

type rowsReport struct {
	RowBytes, DeadBytes, FreeBytes, UnmadeBytes, OtherBytes uint64
}

// getStorageReport tells what takes the disk space of a database. All its environments are one so far: that of its documents.
func (h *handler) getStorageReport(r *request) error {
	details, err := r.boolParam("details")
	if err != nil {
		return err
	}
	report, err := r.db.StorageReport(details, r.http.Context().Err)
	if err != nil {
		return err
	}
	return r.json(map[string]any{"Results": []environmentReport{
		{Name: r.db.Name(), Type: "Documents", Report: toldReport(report, details)},
	}})
}

func toldReport(in storage.Report, details bool) storageReport {
	out := storageReport{
		DataFile: dataFileReport{
			AllocatedSpaceInBytes: in.DataBytes, FreeSpaceInBytes: in.FreeBytes, PreallocatedSpaceInBytes: in.PreallocatedBytes,
			UsedSpaceInBytes:  in.DataBytes + in.BeyondBytes - in.FreeBytes - in.PreallocatedBytes,
			BeyondFileInBytes: in.BeyondBytes, BitmapBytes: in.BitmapBytes, ReservedBytes: in.ReservedBytes,
		},
		Journals: []fileReport{}, TempFiles: []fileReport{}, Structures: []structureReport{},
		TotalBytes: in.TotalBytes(), HeaderBytes: in.HeaderBytes, UnflushedBytes: in.UnflushedBytes,
	}
	for _, f := range in.Journals {
		out.Journals = append(out.Journals, fileReport{Name: f.Name, AllocatedSpaceInBytes: f.Bytes})
	}
	for _, f := range in.Images {
		out.TempFiles = append(out.TempFiles, fileReport{Name: f.Name, AllocatedSpaceInBytes: f.Bytes})
	}
	for _, s := range in.Structures {
		out.Structures = append(out.Structures, toldStructure(s, details))
	}
	return out
}

func toldStructure(in storage.StructureReport, details bool) structureReport {
	out := structureReport{
		Name: in.Name, Type: in.Kind, NumberOfEntries: in.Entries, Depth: in.Depth,
		BranchPages: in.BranchPages, LeafPages: in.LeafPages, SectionPages: in.SectionPages, OverflowPages: in.OverflowPages,
		PageCount:             in.BranchPages + in.LeafPages + in.SectionPages + in.OverflowPages,
		AllocatedSpaceInBytes: in.Bytes,
	}
	if out.Name == "" {
		out.Name = catalogTitle
	}
	if details {
		out.UsedSpaceInBytes, out.Density = &in.UsedBytes, &in.Density
		if in.SectionPages > 0 {
			u := rowsReport(in.Rows)
			out.Rows = &u
		}
	}
	return out
}

// catalogTitle stands for the tree of all names, which has none itself.
const catalogTitle = "@catalog"
