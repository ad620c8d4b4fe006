package api

import (
	"encoding/json"
	"iter"
	"strconv"
	"strings"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// getCompareExchange answers with the compare-exchange values of the given keys, or with those whose keys begin with startsWith, in the order
// of the keys. Keys that have none are left out.
func (h *handler) getCompareExchange(r *request) error {
	start, err := r.intParam("start", 0)
	if err != nil {
		return err
	}
	size, err := r.intParam("pageSize", int(maxInt))
	if err != nil {
		return err
	}
	return h.server.Cluster().ViewValues(r.dbName, func(v *cluster.ValueView) error {
		list := v.List(r.params.get("startsWith"))
		if r.params.has("key") {
			list, start, size = exchangeOf(v, r.params.all("key")), 0, int(maxInt)
		}
		return h.exchangeListing(r, list, start, size)
	})
}

// exchangeOf yields the values of those of keys that have one.
func exchangeOf(v *cluster.ValueView, keys []string) iter.Seq2[cluster.CompareExchange, error] {
	return func(yield func(cluster.CompareExchange, error) bool) {
		for _, key := range keys {
			value, ok, err := v.Get(key)
			if (ok || err != nil) && !yield(value, err) {
				return
			}
		}
	}
}

func (h *handler) exchangeListing(r *request, list iter.Seq2[cluster.CompareExchange, error], start, size int) error {
	vector := h.exchangeVector(r)
	r.str(`{"Results":[`)
	n := 0
	for value, err := range list {
		if err != nil {
			return err
		}
		if n++; n <= start {
			continue
		}
		if n-start > size {
			break
		}
		if n > start+1 {
			r.str(`,`)
		}
		r.exchange(value, vector)
		if err := r.spill(); err != nil {
			return err
		}
	}
	r.str(`]}`)
	return nil
}

// exchange appends a value as clients read it.
func (r *reply) exchange(value cluster.CompareExchange, vector string) {
	r.str(`{"Key":`)
	r.quote(value.Key)
	r.member(`,"Index":`, int64(value.Index))
	r.str(`,"ChangeVector":`)
	r.quote("RAFT:" + strconv.FormatUint(value.Index, 10) + "-" + vector)
	r.str(`,"Value":`)
	r.raw(value.Value)
	r.str(`}`)
}

// exchangeVector is what stands behind the index in the change vectors of the database's values.
func (h *handler) exchangeVector(r *request) string {
	d, ok := h.server.Cluster().State().Database(r.dbName)
	if !ok {
		return ""
	}
	return d.Topology.ClusterTransactionID
}

// putCompareExchange stores a value if the one that is there has the given index; index 0 says that there is none. Where that is not so
// the answer tells of the value that is there.
func (h *handler) putCompareExchange(r *request) error {
	key, index, err := r.exchangeKey()
	if err != nil {
		return err
	}
	body, err := r.readObject()
	if err != nil {
		return err
	}
	object, metadata, err := exchangeValue(body)
	if err != nil {
		return err
	}
	cmd, err := cluster.NewPutCompareExchange(r.dbName, key, index, object, metadata)
	if err != nil {
		return err
	}
	return h.changeExchange(r, cmd)
}

// exchangeValue takes the parts of a value: "Object", null when it is missing, and "@metadata", nil when it is missing, null or empty.
func exchangeValue(v jsondoc.Value) (object, metadata json.RawMessage, err error) {
	object = json.RawMessage(`null`)
	if f, ok := v.Field("Object"); ok {
		object = json.RawMessage(f.Raw())
	}
	f, ok := v.Field("@metadata")
	switch {
	case !ok || f.Kind() == jsondoc.Null:
		return object, nil, nil
	case f.Kind() != jsondoc.Object:
		return nil, nil, memberError("@metadata", f, "a JSON object or null")
	case f.Len() == 0:
		return object, nil, nil
	}
	return object, json.RawMessage(f.Raw()), nil
}

// deleteCompareExchange removes a value if it has the given index.
func (h *handler) deleteCompareExchange(r *request) error {
	key, index, err := r.exchangeKey()
	if err != nil {
		return err
	}
	return h.changeExchange(r, cluster.DeleteCompareExchange{Name: r.dbName, Key: key, Index: index})
}

// exchangeKey reads the parameters key and index.
func (r *request) exchangeKey() (key string, index uint64, err error) {
	if key = r.params.get("key"); key == "" {
		return "", 0, &invalidError{what: "parameter key", want: "the key of a compare-exchange value"}
	}
	n, err := r.int64Param("index")
	if err == nil && n < 0 {
		err = &invalidError{what: "parameter index", value: r.params.get("index"), want: "a whole number from 0 up"}
	}
	return key, uint64(n), err
}

// changeExchange proposes cmd and answers with what became of it. Clients read Value as an object also where there is none.
func (h *handler) changeExchange(r *request, cmd cluster.Command) error {
	result, err := h.server.ProposeValues(r.http.Context(), r.raftRequestID(), cmd)
	if err != nil {
		return err
	}
	out := result.Exchange
	if out == nil { // the request id was used for a request of another kind before
		return &invalidError{what: "parameter raft-request-id", value: r.raftRequestID(), want: "an id of its own for each request"}
	}
	r.member(`{"Index":`, int64(out.Index))
	r.str(`,"Value":`)
	if out.Value == nil {
		r.str(`{"Object":null}`)
	} else {
		r.raw(out.Value)
	}
	r.str(`,"Successful":`)
	r.bool(out.Successful)
	r.str(`}`)
	return nil
}

// exchangeIncludes appends the compare-exchange values to whose keys the paths of the found documents lead, each once, as members from key to
// value. Keys without one are left out. So are atomic guards: clients take one among included values for an error.
func (h *handler) exchangeIncludes(r *request, found []foundDocument, paths []string) error {
	vector, seen := h.exchangeVector(r), map[string]bool{}
	return h.server.Cluster().ViewValues(r.dbName, func(v *cluster.ValueView) error {
		first := true
		for key := range textsAt(found, paths) {
			folded := strings.ToLower(key)
			if seen[folded] || strings.HasPrefix(folded, guardPrefix) {
				continue
			}
			seen[folded] = true
			value, ok, err := v.Get(key)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if !first {
				r.str(`,`)
			}
			first = false
			r.quote(value.Key)
			r.str(`:`)
			r.exchange(value, vector)
		}
		return nil
	})
}

// guardPrefix begins the keys of the values that guard documents of cluster-wide transactions.
const guardPrefix = "rvn-atomic/"

// textsAt yields the texts to which paths lead in documents.
func textsAt(found []foundDocument, paths []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range found {
			if !found[i].ok {
				continue
			}
			for _, path := range paths {
				more := true
				found[i].doc.Data.Root().Walk(path, func(v jsondoc.Value) bool {
					more = v.Kind() != jsondoc.String || yield(v.Str())
					return more
				})
				if !more {
					return
				}
			}
		}
	}
}
