// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
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

// info answers sessions/info: the caller's own session as the database holds it.
func (w *Workspace) info(x *exchange) *answer {
	r, ok := w.store.byID[x.params.texts["sessionId"]]
	if !ok || r.userID != x.user.UserID {
		return sessionNotFound()
	}
	return succeeded(r.document())
}

// succeeded adds "success":true to a JSON object.
func succeeded(object []byte) *answer {
	body := slices.Concat(object[:len(object)-1], []byte(",\"success\":true}"))
	return &answer{status: http.StatusOK, contentType: typeJSON, body: body}
}

// document is the raw document of a row. It has an id of its own, and the
// hash of the login token, which a client must neither keep nor log.
func (r *row) document() []byte {
	s := r.session()
	token := r.token
	if token == "" {
		token = r.id
	}
	hash := sha256.Sum256([]byte(token))
	at := s.LoginAt.Value.UTC()
	document := object{b: []byte{'{'}}
	document.text("_id", Some("doc"+reverse(r.id)[:min(14, len(r.id))]))
	document.text("userId", s.UserID)
	document.text("loginToken", Some(base64.StdEncoding.EncodeToString(hash[:])))
	document.text("ip", s.IP)
	document.text("host", s.Host)
	document.text("sessionId", s.SessionID)
	document.text("instanceId", Some("synthInstance0001"))
	document.text("type", Some("session"))
	if document.name("device", s.Device.State) {
		document.b = s.Device.Value.appendJSON(document.b)
	}
	more, _ := json.Marshal(struct { //nolint:errchkjson // text and numbers alone
		Roles             []string `json:"roles"`
		MostImportantRole string   `json:"mostImportantRole"`
		LoginAt           string   `json:"loginAt"`
		Day               int      `json:"day"`
		Month             int      `json:"month"`
		Year              int      `json:"year"`
		SearchTerm        string   `json:"searchTerm"`
		CreatedAt         string   `json:"createdAt"`
		UpdatedAt         string   `json:"_updatedAt"`
	}{
		[]string{"user"},
		"user", at.Format(timeLayout), at.Day(), int(at.Month()), at.Year(),
		s.searchTerm(), at.Format(timeLayout), at.Format(timeLayout),
	})
	return append(append(document.b, ','), more[1:]...)
}

func reverse(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// logout answers sessions/logout: it ends the sessions of any user's token. An
// id that was ended before is no error.
func (w *Workspace) logout(x *exchange) *answer {
	return w.end(x, func(string) bool { return true })
}

// logoutOwn answers sessions/logout.me.
func (w *Workspace) logoutOwn(x *exchange) *answer {
	return w.end(x, func(owner string) bool { return owner == x.user.UserID })
}

func (w *Workspace) end(x *exchange, may func(owner string) bool) *answer {
	id := x.params.texts["sessionId"]
	owner, known := w.store.owner(id)
	if !known || !may(owner) {
		return sessionNotFound()
	}
	w.store.logout(id)
	return jsonAnswer(http.StatusOK, struct {
		SessionID string `json:"sessionId"`
		Success   bool   `json:"success"`
	}{id, true})
}
