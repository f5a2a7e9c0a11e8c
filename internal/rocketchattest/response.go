// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
)

// The content types, letter by letter.
const (
	typeJSON = "application/json"
	typeText = "text/plain; charset=UTF-8"
)

// response is the response to a request.
type response struct {
	status      int
	contentType string
	body        []byte
}

// fields are those of an object in JSON.
type fields map[string]any

// jsonResponse responds with JSON.
func jsonResponse(status int, v any) *response {
	return &response{status: status, contentType: typeJSON, body: encodeJSON(v)}
}

// listResponse responds with a page of rows.
func listResponse[T any](name string, rows []T, encode func(T) []byte, total, offset, count int) *response {
	encoded := make([][]byte, len(rows))
	for i, row := range rows {
		encoded[i] = encode(row)
	}
	return &response{status: http.StatusOK, contentType: typeJSON, body: fmt.Appendf(nil,
		`{%q:[%s],"total":%d,"count":%d,"offset":%d,"success":true}`, name, bytes.Join(encoded, []byte(",")), total, count, offset)}
}

func textResponse(status int, contentType, text string) *response {
	return &response{status: status, contentType: contentType, body: []byte(text)}
}

// The responses without JSON: to a path outside the API, to an unknown route, and to a failure.
var (
	webClient = textResponse(http.StatusOK, "text/html; charset=utf-8",
		"<!DOCTYPE html><html><!-- stub for the Meteor web client boilerplate --></html>")
	notFound      = textResponse(http.StatusNotFound, typeText, "404 Not Found")
	internalError = textResponse(http.StatusInternalServerError, typeText, "Internal Server Error")
)

// failure is the JSON of a refusal.
type failure struct {
	Success   bool   `json:"success"`
	Error     string `json:"error"`
	ErrorType string `json:"errorType,omitempty"`
	Details   any    `json:"details,omitempty"`
}

// plainError is a refusal without an errorType.
func plainError(status int, text string) *response {
	return jsonResponse(status, failure{Error: text})
}

// typedError is a Meteor error: its text ends in its type.
func typedError(text, kind string, details any) *response {
	return jsonResponse(http.StatusBadRequest, failure{
		Error: text + " [" + kind + "]", ErrorType: kind, Details: details,
	})
}

// invalidParameters is a bad query or body.
func (b *behavior) invalidParameters(text string, r route) *response {
	errorType, inText := b.queryErrorType, b.errorTypeInText
	switch {
	case r.directory:
		errorType, inText = b.usersQueryErrorType, b.usersErrorTypeInText
	case r.method == http.MethodPost:
		errorType = bodyErrorType
	}
	if inText {
		text += " [" + errorType + "]"
	}
	return jsonResponse(http.StatusBadRequest, failure{Error: text, ErrorType: errorType})
}

func (b *behavior) notLoggedIn() *response {
	return textResponse(http.StatusUnauthorized, typeJSON, b.unauthorized)
}

// invalidSort refuses a sort that cannot be read.
func invalidSort(text string) *response {
	return typedError("Invalid sort parameter provided: \""+text+"\"", "error-invalid-sort",
		map[string]string{"helperMethod": "parseJsonQuery"})
}

// negativeLimit is the database's refusal.
func negativeLimit(count int) *response {
	return plainError(http.StatusBadRequest,
		fmt.Sprintf("invalid argument to $limit stage: Expected a non-negative number in: $limit: %d", count))
}

// compressFrom is the size from which responses are compressed, where they are (M, 6.14).
const compressFrom = 1024

// write sends the response, chunked as the server sends it.
func (a *response) write(rw http.ResponseWriter, r *http.Request, compresses bool) {
	header := rw.Header()
	header.Set("Content-Type", a.contentType)
	zip := compresses && len(a.body) >= compressFrom &&
		strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
	if zip {
		header.Set("Content-Encoding", "gzip")
	}
	rw.WriteHeader(a.status)
	// Flushing before the end keeps net/http from adding a Content-Length.
	_ = http.NewResponseController(rw).Flush()
	if zip {
		w := gzip.NewWriter(rw)
		_, _ = w.Write(a.body)
		_ = w.Close()
		return
	}
	_, _ = rw.Write(a.body)
}
