package api

import (
	"strconv"

	"github.com/rookerydb/rookery/internal/cluster"
)

// getDatabaseTopology tells a client which nodes hold a database. It is the first request of every client.
func (h *handler) getDatabaseTopology(r *request) error {
	name := r.params.get("name")
	if name == "" {
		return &invalidError{what: "parameter name", want: "the database's name"}
	}
	st := h.server.Cluster().State()
	db, ok := st.Database(name)
	if !ok {
		return &cluster.DatabaseMissingError{Name: name}
	}
	r.member(`{"Etag":`, int64(st.DatabaseTopologyEtag(db)))
	r.str(`,"Nodes":[`)
	for i, tag := range db.Topology.Members {
		if i > 0 {
			r.str(`,`)
		}
		r.str(`{"Url":`)
		r.quote(h.nodeURL(r, st, tag))
		r.str(`,"Database":`)
		r.quote(db.Name)
		r.str(`,"ClusterTag":`)
		r.quote(tag)
		r.str(`,"ServerRole":"Member"}`)
	}
	r.str(`]}`)
	return nil
}

// getClusterTopology lists the nodes.
func (h *handler) getClusterTopology(r *request) error {
	st := h.server.Cluster().State()
	tag := h.server.NodeTag()
	nodes := r.nodeMap(h, st)
	r.str(`{"Topology":{"TopologyId":`)
	r.quote(st.ClusterID)
	r.str(`,"AllNodes":` + nodes + `,"Members":` + nodes + `,"Promotables":{},"Watchers":{},"LastNodeId":`)
	r.quote(st.Nodes[len(st.Nodes)-1].Tag)
	r.member(`,"Etag":`, int64(st.TopologyEtag))
	r.member(`},"Etag":`, int64(st.TopologyEtag))
	r.str(`,"Leader":`)
	r.quote(tag)
	r.member(`,"LeaderShipDuration":`, h.now().Sub(h.server.StartedAt()).Milliseconds())
	r.str(`,"CurrentState":"Leader","NodeTag":`)
	r.quote(tag)
	r.member(`,"ServerRole":"Member","CurrentTerm":`, int64(h.server.Cluster().Term()))
	r.str(`,"NodeLicenseDetails":{},"LastStateChangeReason":"leader of a single node cluster","Status":{}}`)
	return nil
}

// nodeMap is the JSON object from node tags to addresses.
func (r *request) nodeMap(h *handler, st *cluster.State) string {
	out := []byte{'{'}
	for i, n := range st.Nodes {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendQuoted(out, n.Tag)
		out = append(out, ':')
		out = appendQuoted(out, h.nodeURL(r, st, n.Tag))
	}
	return string(append(out, '}'))
}

// nodeURL is the address of a node. Our own is the one by which this client came, unless a public one is set: clients
// compare it with the address they were given.
func (h *handler) nodeURL(r *request, st *cluster.State, tag string) string {
	if tag == h.server.NodeTag() {
		return h.baseURL(r)
	}
	n, _ := st.Node(tag)
	return n.URL
}

// addRefreshHeaders tells a client that what it knows of the topology or of its configuration is old.
func (h *handler) addRefreshHeaders(r *request) {
	topology, client := r.header["Topology-Etag"], r.header["Client-Configuration-Etag"]
	if topology == nil && client == nil {
		return
	}
	st := h.server.Cluster().State()
	db, ok := st.Database(r.dbName)
	if !ok {
		return
	}
	if older(topology, st.DatabaseTopologyEtag(db)) {
		r.set("Refresh-Topology", "true")
	}
	if c := st.ClientConfiguration(db); c != nil && older(client, c.Etag) {
		r.set("Refresh-Client-Configuration", "true")
	}
}

// older tells whether the etag in a header, with or without quotes, is below current.
func older(header []string, current uint64) bool {
	if len(header) == 0 {
		return false
	}
	n, err := strconv.ParseInt(unquote(header[0]), 10, 64)
	return err == nil && n < int64(current)
}

// getClientConfiguration answers with what clients shall do. The etag comes first and nothing stands between: clients
// look for it in the text.
func (h *handler) getClientConfiguration(r *request) error {
	st := h.server.Cluster().State()
	db, ok := st.Database(r.dbName)
	if !ok {
		return &cluster.DatabaseMissingError{Name: r.dbName}
	}
	c := st.ClientConfiguration(db)
	if c == nil {
		r.str(`{"Etag":-2,"Configuration":null}`)
		return nil
	}
	r.member(`{"Etag":`, int64(c.Etag))
	r.str(`,"Configuration":`)
	r.raw(c.JSON)
	r.str(`}`)
	return nil
}
