package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

const answerBytes = 1024

// serve is the ceiling of any HTTP figure: net/http with handlers that do nothing. It drops what it is sent, and answers every
// GET with 1 KB. It takes any flags, so that it is started like the real server, and ends when it is killed.
func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	answer := []byte(strings.Repeat("x", answerBytes))
	buffers := sync.Pool{New: func() any { return new([64 << 10]byte) }}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(answer)
			return
		}
		buffer := buffers.Get().(*[64 << 10]byte)
		for {
			if _, err := r.Body.Read(buffer[:]); err != nil {
				if err != io.EOF {
					w.WriteHeader(http.StatusBadRequest)
				}
				break
			}
		}
		buffers.Put(buffer)
		w.WriteHeader(http.StatusCreated)
	})
	fmt.Printf("Server available on: http://%s\n", listener.Addr())
	return http.Serve(listener, handler)
}
