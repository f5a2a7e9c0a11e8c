// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing/iotest"
)

// inProcessAddress is the client of requests that come through [Workspace.Transport].
const inProcessAddress = "127.0.0.1:40000"

// Transport serves requests by calling the workspace, without a socket. Host
// and scheme of a request do not matter, nothing is followed or decompressed,
// and a request whose context has ended gets the context's error.
func (w *Workspace) Transport() http.RoundTripper { return inProcess{w} }

type inProcess struct{ handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RemoteAddr = inProcessAddress
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close() //nolint:errcheck // a RoundTripper has to close it, whatever it says
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	recorder := httptest.NewRecorder()
	broken := breaksOff(t.handler, recorder, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if broken && !recorder.Flushed {
		return nil, io.ErrUnexpectedEOF
	}
	response := recorder.Result()
	response.Request, response.TransferEncoding = r, []string{"chunked"}
	if broken {
		response.Body = io.NopCloser(io.MultiReader(response.Body, iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	return response, nil
}

// breaksOff runs a handler and reports whether it broke the connection off.
func breaksOff(handler http.Handler, rw http.ResponseWriter, r *http.Request) (broken bool) {
	defer func() {
		if v := recover(); v != nil {
			if v != http.ErrAbortHandler { //nolint:errorlint // net/http compares it like this
				panic(v)
			}
			broken = true
		}
	}()
	handler.ServeHTTP(rw, r)
	return false
}
