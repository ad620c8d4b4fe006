package database

import "github.com/rookerydb/rookery/internal/storage"

// Env gives tests the environment, to flush and sync it at moments of their choice.
func (db *DB) Env() *storage.Env { return db.env }
