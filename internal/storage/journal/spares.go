package journal

import (
	"fmt"
	"path"

	"github.com/rookerydb/rookery/internal/vfs"
)

// RemoveSpares removes the files in dir that a log keeps for reuse. No log may be open there.
func RemoveSpares(fsys vfs.FS, dir string) error {
	found, err := list(fsys, dir)
	if err != nil {
		return err
	}
	for _, f := range found.spares {
		if err := fsys.Remove(path.Join(dir, spareName(f.Number))); err != nil {
			return fmt.Errorf("remove spare journal %d: %w", f.Number, err)
		}
	}
	return nil
}
