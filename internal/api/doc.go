// Package api is the HTTP door: it decodes a request, calls one thing below, and encodes the answer.
//
// Start at routes (routes.go): the whole surface as one table. ServeHTTP (handler.go) does what every route needs, once:
// match, find the database, check the permission, call the handler, turn its error into a status (errors.go), send.
//
// One request is one transaction or one snapshot. A handler writes its answer into the request's reply, which is
// held back until it is complete or has grown past a bound; an error found before that discards it.
//
// A route may turn its connection into a WebSocket (socket.go); such a handler talks until the client goes.
//
// The package keeps nothing between requests but buffers. It starts no goroutine but one for each WebSocket, which listens.
package api
