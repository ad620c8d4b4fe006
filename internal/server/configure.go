package server

import (
	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/docstore"
)

// follow lets the unit's database do what a newer record says without being opened anew; one that is being opened will do so then.
func (u *unit) follow(s *Server, record *cluster.Database) {
	if old := u.latest.Swap(record); old == nil || old.Etag != record.Etag {
		u.configure(s)
	}
}

// configure hands the newest record to the open database. It is called after each of the two is there, so that whoever comes second
// does it.
func (u *unit) configure(s *Server) {
	select {
	case <-u.settled:
	default:
		return
	}
	u.tell(s)
}

// tell lets the database follow the newest record, if it is open.
func (u *unit) tell(s *Server) {
	if u.db == nil {
		return
	}
	u.configuring.Lock()
	defer u.configuring.Unlock()
	record := u.latest.Load()
	policies, err := docstore.ParseRevisionPolicies(record.Field("Revisions"))
	if err != nil { // it was put by another version, or with the record
		s.log.Error("configuration of revisions not followed", "db", record.Name, "err", err)
		return
	}
	u.db.Store().SetRevisionPolicies(policies)
}
