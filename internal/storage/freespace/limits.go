package freespace

import "github.com/rookerydb/rookery/internal/storage/page"

// RunPagesMax is the longest run that can be given out: a span without its bitmap page.
const RunPagesMax = page.RunPagesMax
