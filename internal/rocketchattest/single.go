// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"net/http"
	"slices"
)

// infoAdmin answers sessions/info.admin: the newest session that the id, taken
// as a regular expression, matches.
func (w *Workspace) infoAdmin(x *exchange) *answer {
	r, err := w.store.match(x.params.texts["sessionId"])
	switch {
	case err != nil:
		return plainError(http.StatusBadRequest, err.Error())
	case r == nil:
		return sessionNotFound()
	}
	return succeeded(r.json)
}

// succeeded adds "success":true to a JSON object.
func succeeded(object []byte) *answer {
	body := slices.Concat(object[:len(object)-1], []byte(",\"success\":true}"))
	return &answer{status: http.StatusOK, contentType: typeJSON, body: body}
}

// logout answers sessions/logout: it ends the sessions of any user's token. An
// id that was ended before is no error.
func (w *Workspace) logout(x *exchange) *answer {
	id := x.params.texts["sessionId"]
	if !w.store.knows(id) {
		return sessionNotFound()
	}
	w.store.logout(id)
	return jsonAnswer(http.StatusOK, struct {
		SessionID string `json:"sessionId"`
		Success   bool   `json:"success"`
	}{id, true})
}
