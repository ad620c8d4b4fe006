// Package compressiontest makes values for tests of compression: documents that look like real ones, and drift.
package compressiontest
