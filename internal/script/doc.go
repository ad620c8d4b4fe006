// Package script runs JavaScript that users send: patches, later projections, maps, filters.
package script
