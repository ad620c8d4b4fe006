package api

import (
	"errors"
	"strconv"
	"strings"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
)

// postNextIdentity takes one number from an identity.
func (h *handler) postNextIdentity(r *request) error {
	name, err := r.identityName()
	if err != nil {
		return err
	}
	result, err := h.server.ProposeValues(r.http.Context(), r.raftRequestID(), cluster.NextIdentities{
		Name: r.dbName, Takes: []cluster.IdentityTake{{Identity: name, Count: 1}},
	})
	if err != nil {
		return err
	}
	r.member(`{"NewIdentityValue":`, firstNumber(result))
	r.str(`}`)
	return nil
}

// postSeedIdentity says which number an identity has given last; without force only upwards.
func (h *handler) postSeedIdentity(r *request) error {
	name, err := r.identityName()
	if err != nil {
		return err
	}
	if !r.params.has("value") {
		return &invalidError{what: "parameter value", want: "a whole number from 0 up"}
	}
	value, err := r.int64Param("value")
	if err != nil {
		return err
	}
	force, err := r.boolParam("force")
	if err != nil {
		return err
	}
	result, err := h.server.ProposeValues(r.http.Context(), r.raftRequestID(), cluster.SeedIdentity{
		Name: r.dbName, Identity: name, Value: value, Force: force,
	})
	if err != nil {
		return err
	}
	r.member(`{"NewSeedValue":`, firstNumber(result))
	r.str(`}`)
	return nil
}

// firstNumber is the one number of a result; 0 when a request id was used for a request of another kind before.
func firstNumber(result cluster.Result) int64 {
	if len(result.Numbers) == 0 {
		return 0
	}
	return result.Numbers[0]
}

// identityName reads the parameter name; the "|" at its end may be left out.
func (r *request) identityName() (string, error) {
	name := r.params.get("name")
	if name == "" {
		return "", &invalidError{what: "parameter name", want: "the name of an identity, such as users|"}
	}
	if !strings.HasSuffix(name, "|") {
		name += "|"
	}
	return name, nil
}

// getIdentities lists all identities with the number that each has given last.
func (h *handler) getIdentities(r *request) error {
	r.str(`{`)
	err := h.server.Cluster().ViewValues(r.dbName, func(v *cluster.ValueView) error {
		first := true
		for identity, err := range v.Identities() {
			if err != nil {
				return err
			}
			if !first {
				r.str(`,`)
			}
			first = false
			r.quote(identity.Name)
			r.member(`:`, identity.Last)
			if err := r.spill(); err != nil {
				return err
			}
		}
		return nil
	})
	r.str(`}`)
	return err
}

// write runs cmd, whose puts are given, after it has completed their ids: from those that end with "|" by numbers of identities, which
// are taken before the write, all with one decision of the cluster. Where the write fails the numbers are lost.
//
// A document that somebody put under such an id by hand is not overwritten: the next number is tried, identityAttemptsMax times.
func (h *handler) write(r *request, cmd database.Command, puts ...*database.Put) error {
	asked := h.prepareIDs(r, puts)
	for attempt := 1; ; attempt++ {
		if err := h.takeIdentities(r, asked); err != nil {
			return err
		}
		err := r.db.Do(r.http.Context(), cmd)
		if attempt < identityAttemptsMax && isTaken(err, asked) {
			continue
		}
		return err
	}
}

// identityPut is a put whose id comes from an identity.
type identityPut struct {
	put  *database.Put
	name string // of the identity: the id as given
	any  bool   // the caller expects nothing of the document, so that a number that is taken may be passed over
}

// prepareIDs tells each put the separator that it needs, and returns those whose ids come from identities.
func (h *handler) prepareIDs(r *request, puts []*database.Put) (asked []identityPut) {
	for _, put := range puts {
		id := put.In.ID
		if id == "" || isAlphanumeric(id[len(id)-1]) {
			continue
		}
		put.In.Separator = h.separator(r)
		if id[len(id)-1] == '|' {
			p := identityPut{put: put, name: id, any: put.In.Expected == docstore.Any()}
			if p.any {
				put.In.Expected = docstore.Missing()
			}
			asked = append(asked, p)
		}
	}
	return asked
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// separator is what stands between the parts of ids that the server completes: that of the client configuration in force.
func (h *handler) separator(r *request) byte {
	state := h.server.Cluster().State()
	d, _ := state.Database(r.dbName)
	return state.ClientConfiguration(d).Separator()
}

// takeIdentities puts the next numbers of their identities into the ids of asked.
func (h *handler) takeIdentities(r *request, asked []identityPut) error {
	if len(asked) == 0 {
		return nil
	}
	cmd := cluster.NextIdentities{Name: r.dbName}
	place := map[string]int{} // of each name's take
	for _, p := range asked {
		i, ok := place[strings.ToLower(p.name)]
		if !ok {
			i = len(cmd.Takes)
			place[strings.ToLower(p.name)] = i
			cmd.Takes = append(cmd.Takes, cluster.IdentityTake{Identity: p.name})
		}
		cmd.Takes[i].Count++
	}
	result, err := h.server.ProposeValues(r.http.Context(), "", cmd)
	if err != nil {
		return err
	}
	next := make([]int64, len(cmd.Takes))
	for i, take := range cmd.Takes {
		next[i] = result.Numbers[i] - take.Count
	}
	for _, p := range asked {
		i := place[strings.ToLower(p.name)]
		next[i]++
		prefix := strings.TrimSuffix(p.name, "|") + string(rune(p.put.In.Separator))
		p.put.In.ID = prefix + strconv.FormatInt(next[i], 10)
	}
	return nil
}

// isTaken reports whether a write failed because a document has an id that an identity gave.
func isTaken(err error, asked []identityPut) bool {
	conflict, ok := errors.AsType[*docstore.ConflictError](err)
	if !ok {
		return false
	}
	for _, p := range asked {
		if p.any && strings.EqualFold(p.put.In.ID, conflict.ID) {
			return true
		}
	}
	return false
}
