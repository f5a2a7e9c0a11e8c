// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// inProcessAddress is the client of requests that come through [Workspace.Transport].
const inProcessAddress = "127.0.0.1:40000"

// Transport answers requests by calling the workspace, without a socket. Host
// and scheme of a request do not matter, nothing is followed or decompressed,
// and a request whose context has ended gets the context's error.
func (w *Workspace) Transport() http.RoundTripper { return inProcess{w} }

type inProcess struct{ handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close() //nolint:errcheck // a RoundTripper has to close it, whatever it says
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	recorder := &recorder{header: http.Header{}}
	broken := recorder.serve(t.handler, arriving(r))
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if broken && recorder.status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return recorder.response(r, broken), nil
}

// arriving is the request as a server would get it.
func arriving(r *http.Request) *http.Request {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.RemoteAddr = inProcessAddress
	in.RequestURI = r.URL.RequestURI()
	if parsed, err := url.ParseRequestURI(in.RequestURI); err == nil {
		in.URL = parsed
	}
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	return in
}

// recorder is a response under construction.
type recorder struct {
	header http.Header
	sent   http.Header
	status int
	body   bytes.Buffer
}

// serve runs the handler and reports whether it broke the connection off.
func (rec *recorder) serve(handler http.Handler, r *http.Request) (broken bool) {
	defer func() {
		switch err := recover(); {
		case err == nil:
		case errors.Is(asError(err), http.ErrAbortHandler):
			broken = true
		default:
			panic(err)
		}
	}()
	handler.ServeHTTP(rec, r)
	rec.WriteHeader(http.StatusOK)
	return false
}

func asError(v any) error {
	err, _ := v.(error)
	return err
}

// Header implements [http.ResponseWriter].
func (rec *recorder) Header() http.Header { return rec.header }

// WriteHeader implements [http.ResponseWriter].
func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 {
		rec.status, rec.sent = status, rec.header.Clone()
	}
}

// Write implements [http.ResponseWriter].
func (rec *recorder) Write(b []byte) (int, error) {
	rec.WriteHeader(http.StatusOK)
	return rec.body.Write(b)
}

// Flush implements [http.Flusher].
func (rec *recorder) Flush() { rec.WriteHeader(http.StatusOK) }

func (rec *recorder) response(r *http.Request, broken bool) *http.Response {
	var body io.Reader = &rec.body
	if r.Method == http.MethodHead {
		body = http.NoBody
	}
	if broken {
		body = io.MultiReader(body, brokenReader{})
	}
	for name, values := range rec.sent {
		if len(values) == 0 {
			delete(rec.sent, name)
		}
	}
	return &http.Response{
		Status:     statusLine(rec.status),
		StatusCode: rec.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:           rec.sent,
		Body:             io.NopCloser(body),
		ContentLength:    -1,
		TransferEncoding: []string{"chunked"},
		Request:          r,
	}
}

// brokenReader is the end of a body that was cut off.
type brokenReader struct{}

// Read implements [io.Reader].
func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func statusLine(status int) string {
	return strconv.Itoa(status) + " " + http.StatusText(status)
}
