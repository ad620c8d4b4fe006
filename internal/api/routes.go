package api

// permission is what a route asks of its caller. On a server without certificates every caller has all of them.
type permission uint8

const (
	anyone     permission = iota // also those who have not said who they are
	mayRead                      // read documents of the database in the path
	mayWrite                     // change documents of the database in the path
	mayAdmin                     // change the settings of the database in the path
	anyUser                      // a registered user of any database
	isOperator                   // create, change and delete databases
)

// String returns the permission as the route listing shows it.
func (p permission) String() string {
	return [...]string{"anyone", "database read", "database write", "database admin", "valid user", "operator"}[p]
}

// route is one line of the surface. Paths match without regard to case; {db} stands for one path segment.
type route struct {
	method string
	path   string
	needs  permission
	handle func(*handler, *request) error
}

// routes is the whole HTTP surface. Start reading the API here.
func routes() []route {
	return []route{
		{"GET", "/", anyone, (*handler).getRoot},
		{"GET", "/build/version", anyone, (*handler).getBuildVersion},
		{"GET", "/debug/routes", anyone, (*handler).getRoutes},
		{"GET", "/info/tcp", anyUser, (*handler).getInfoTCP},

		{"GET", "/admin/debug/memory/stats", isOperator, (*handler).getMemoryStats},

		{"GET", "/topology", anyUser, (*handler).getDatabaseTopology},
		{"GET", "/cluster/topology", anyUser, (*handler).getClusterTopology},
		{"GET", "/cluster/node-info", anyUser, (*handler).getNodeInfo},

		{"GET", "/databases", anyUser, (*handler).getDatabases},
		{"GET", "/admin/databases", isOperator, (*handler).getDatabaseRecord},
		{"PUT", "/admin/databases", isOperator, (*handler).putDatabase},
		{"DELETE", "/admin/databases", isOperator, (*handler).deleteDatabases},
		{"POST", "/admin/databases/enable", isOperator, (*handler).enableDatabases},
		{"POST", "/admin/databases/disable", isOperator, (*handler).disableDatabases},
		{"POST", "/admin/databases/set-lock", isOperator, (*handler).setDatabaseLock},
		{"POST", "/admin/compact", isOperator, (*handler).postCompact},

		{"GET", "/operations/state", anyUser, (*handler).getOperationState},
		{"GET", "/admin/operations", isOperator, (*handler).getOperations},
		{"GET", "/admin/operations/next-operation-id", isOperator, (*handler).getNextOperationID},
		{"POST", "/admin/operations/kill", isOperator, (*handler).killOperation},
		{"GET", "/databases/{db}/operations", mayRead, (*handler).getOperations},
		{"GET", "/databases/{db}/operations/state", mayRead, (*handler).getOperationState},
		{"GET", "/databases/{db}/operations/next-operation-id", mayRead, (*handler).getNextOperationID},
		{"POST", "/databases/{db}/operations/kill", mayWrite, (*handler).killOperation},
		{"POST", "/admin/secrets", isOperator, (*handler).postSecret},
		{"GET", "/admin/secrets/generate", isOperator, (*handler).getNewSecret},

		{"GET", "/databases/{db}/healthcheck", mayRead, (*handler).getHealth},
		{"GET", "/databases/{db}/info/tcp", mayRead, (*handler).getInfoTCP},
		{"GET", "/databases/{db}/admin/record", mayAdmin, (*handler).getOwnRecord},
		{"PUT", "/databases/{db}/admin/configuration/settings", mayAdmin, (*handler).putSettings},
		{"GET", "/databases/{db}/configuration/client", mayRead, (*handler).getClientConfiguration},
		{"PUT", "/databases/{db}/admin/configuration/client", mayAdmin, (*handler).putClientConfiguration},

		{"GET", "/databases/{db}/stats", mayRead, (*handler).getStats},
		{"GET", "/databases/{db}/stats/detailed", mayRead, (*handler).getDetailedStats},
		{"GET", "/databases/{db}/collections/stats", mayRead, (*handler).getCollectionStats},
		{"GET", "/databases/{db}/collections/stats/detailed", mayRead, (*handler).getDetailedCollectionStats},

		{"GET", "/databases/{db}/debug/io-metrics", mayRead, (*handler).getIOMetrics},
		{"GET", "/databases/{db}/debug/io-metrics/live", mayRead, (*handler).getLiveIOMetrics},
		{"GET", "/databases/{db}/debug/perf-metrics", mayRead, (*handler).getPerfMetrics},
		{"GET", "/databases/{db}/debug/performance-hints", mayRead, (*handler).getPerformanceHints},
		{"GET", "/databases/{db}/debug/txinfo", mayRead, (*handler).getTransactionInfo},
		{"GET", "/databases/{db}/debug/storage/report", mayRead, (*handler).getStorageReport},
		{"GET", "/databases/{db}/debug/storage/all-environments/report", mayRead, (*handler).getStorageReport},

		{"GET", "/databases/{db}/changes", mayRead, (*handler).getChanges},

		{"GET", "/databases/{db}/docs", mayRead, (*handler).getDocuments},
		{"POST", "/databases/{db}/docs", mayRead, (*handler).postDocuments},
		{"HEAD", "/databases/{db}/docs", mayRead, (*handler).headDocument},
		{"PUT", "/databases/{db}/docs", mayWrite, (*handler).putDocument},
		{"DELETE", "/databases/{db}/docs", mayWrite, (*handler).deleteDocument},
		{"PATCH", "/databases/{db}/docs", mayWrite, (*handler).patchDocument},
		{"POST", "/databases/{db}/bulk_docs", mayWrite, (*handler).postBulkDocs},
		{"POST", "/databases/{db}/multi_get", mayRead, (*handler).postMultiGet},
		{"GET", "/databases/{db}/queries", mayRead, (*handler).getQuery},
		{"POST", "/databases/{db}/queries", mayRead, (*handler).postQuery},

		{"GET", "/databases/{db}/revisions", mayRead, (*handler).getRevisions},
		{"GET", "/databases/{db}/revisions/bin", mayRead, (*handler).getRevisionsBin},
		{"GET", "/databases/{db}/revisions/count", mayRead, (*handler).getRevisionCount},
		{"GET", "/databases/{db}/revisions/config", mayRead, (*handler).getRevisionsConfiguration},
		{"POST", "/databases/{db}/admin/revisions/config", mayAdmin, (*handler).postRevisionsConfiguration},

		{"GET", "/databases/{db}/hilo/next", mayWrite, (*handler).getNextHiLo},
		{"PUT", "/databases/{db}/hilo/return", mayWrite, (*handler).putReturnHiLo},
		{"POST", "/databases/{db}/identity/next", mayWrite, (*handler).postNextIdentity},
		{"POST", "/databases/{db}/identity/seed", mayWrite, (*handler).postSeedIdentity},
		{"GET", "/databases/{db}/debug/identities", mayRead, (*handler).getIdentities},
		{"GET", "/databases/{db}/cmpxchg", mayRead, (*handler).getCompareExchange},
		{"PUT", "/databases/{db}/cmpxchg", mayWrite, (*handler).putCompareExchange},
		{"DELETE", "/databases/{db}/cmpxchg", mayWrite, (*handler).deleteCompareExchange},
		{"POST", "/databases/{db}/admin/transactions/start-recording", mayAdmin, (*handler).postStartRecording},
		{"POST", "/databases/{db}/admin/transactions/stop-recording", mayAdmin, (*handler).postStopRecording},
		{"POST", "/databases/{db}/transactions/replay", mayAdmin, (*handler).postReplay},
		{"POST", "/databases/{db}/studio/sample-data", mayWrite, (*handler).postSampleData},
	}
}
