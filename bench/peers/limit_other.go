//go:build !linux

package main

import (
	"errors"

	"github.com/rookerydb/rookery/bench/workload"
)

func openLimit(string) (workload.Engine, error) {
	return nil, errors.New("the limit is measured on Linux only: it needs writes around the page cache")
}
