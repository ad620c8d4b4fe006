package api

import (
	"runtime"
)

// What clients are told about the version. They switch features on by it, so it names the protocol that is spoken, while
// FullVersion of /build/version carries our own.
const (
	CompatibleVersion = "5.4.117"
	productVersion    = "5.4"
	buildNumber       = 54117
)

// getRoot tells a person with a browser where he is.
func (h *handler) getRoot(r *request) error {
	r.str(`{"Product":"Rookery","Version":`)
	r.quote(h.server.Version())
	r.str(`,"NodeTag":`)
	r.quote(h.server.NodeTag())
	r.str(`,"Links":["/debug/routes","/databases","/build/version","/cluster/topology"]}`)
	return nil
}

// getBuildVersion answers in the shape that clients know.
func (h *handler) getBuildVersion(r *request) error {
	r.buildInfo()
	r.body = r.body[:len(r.body)-1]
	r.str(`,"AssemblyVersion":"` + productVersion + `.0.0","Product":"Rookery","RookeryVersion":`)
	r.quote(h.server.Version())
	r.str(`}`)
	return nil
}

func (r *reply) buildInfo() {
	r.str(`{"ProductVersion":"` + productVersion + `"`)
	r.member(`,"BuildVersion":`, buildNumber)
	r.str(`,"CommitHash":"rookery","FullVersion":"` + CompatibleVersion + `"}`)
}

// getRoutes lists every route with what it asks of its caller.
func (h *handler) getRoutes(r *request) error {
	r.str(`{"Routes":[`)
	for i, rt := range h.list {
		if i > 0 {
			r.str(`,`)
		}
		r.str(`{"Method":`)
		r.quote(rt.method)
		r.str(`,"Path":`)
		r.quote(rt.path)
		r.str(`,"Needs":`)
		r.quote(rt.needs.String())
		r.str(`}`)
	}
	r.str(`]}`)
	return nil
}

// getHealth says that the database is open and takes writes.
func (h *handler) getHealth(r *request) error {
	if err := r.db.Failed(); err != nil {
		return err
	}
	r.noContent()
	return nil
}

// getInfoTCP answers the health checks of clients. There is no TCP listener yet, so there is no address in it.
func (h *handler) getInfoTCP(r *request) error {
	r.str(`{"Url":null,"Urls":[],"Certificate":null,"NodeTag":`)
	r.quote(h.server.NodeTag())
	r.str(`,"ServerId":`)
	r.quote(h.server.Cluster().State().ClusterID)
	r.str(`}`)
	return nil
}

// getNodeInfo describes this node.
func (h *handler) getNodeInfo(r *request) error {
	st := h.server.Cluster().State()
	r.str(`{"NodeTag":`)
	r.quote(h.server.NodeTag())
	r.str(`,"TopologyId":`)
	r.quote(st.ClusterID)
	r.str(`,"Certificate":null,"ClusterStatus":"leader of a single node cluster"`)
	r.member(`,"NumberOfCores":`, int64(runtime.NumCPU()))
	r.str(`,"BuildInfo":`)
	r.buildInfo()
	r.str(`,"OsInfo":{"Type":`)
	r.quote(runtime.GOOS)
	r.str(`},"ServerId":`)
	r.quote(st.ClusterID)
	r.str(`,"CurrentState":"Leader","ServerRole":"Member","HasFixedPort":true`)
	r.member(`,"ServerSchemaVersion":`, 1)
	r.str(`}`)
	return nil
}
