// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestLists_thatCannotBeTrusted: a response that does not say everything, or not of what was asked for, is an error,
// because a rule would pass by mistake without it; and no error repeats a value.
func TestLists_thatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{})
	user := w.Account("none").UserID
	const private = "settings/" + privateSetting
	says := map[string]map[string]string{
		"permissions.listAll": {
			`{"update":[` + strings.Repeat(`{"_id":"a"},`, 100_001) + `{}],"success":true}`: "more rows than were asked for",
			`{"update":[{"_id":"a","roles":["admin"]},{"_id":"a","roles":[]}]}`:             "has the ID of another",
			`{"update":[{"_id":"a"}]}`:                   "has no roles",
			`{"update":[{"_id":"a","Roles":["admin"]}]}`: "has no roles",
			`{"update":[{"_id":"a","roles":null}]}`:      "has no roles",
			`{"update":[{"roles":["admin"]}]}`:           "has no ID",
			`{"update":[null]}`:                          "is null",
			`{"update":[{"_id":"a","roles":[1]}]}`:       "cannot unmarshal",
			`{"permissions":[],"success":true}`:          `has no "update"`,
			`{"update":[],"success":true}{}`:             "something follows",
			`{"update":[],"success":true}`:               "no permissions",
		},
		"me": {
			`{"_id":"another","roles":["admin"]}`:    "about another account",
			`{"roles":["admin"],"success":true}`:     "about another account",
			`{"_id":"` + user + `","roles":"admin"}`: "cannot unmarshal",
		},
		"roles.list": {
			`{"roles":[],"success":true}`:                              "lists no roles, not even the default ones",
			`{"roles":[{"name":"admin"}],"success":true}`:              "row 0: it has no ID",
			`{"roles":[{"_id":"admin"},{"ID":"user"}],"success":true}`: "row 1: it has no ID",
			`{"roles":null,"success":true}`:                            `has no "roles"`,
		},
		"users.listByStatus": {
			`{"total":0,"success":true}`:                                        `has no "users"`,
			`{"users":[{"_id":"a"}],"success":true}`:                            `has no "total"`,
			`{"users":[{"_id":"a"},{"username":"b"}],"total":2,"success":true}`: "row 1: it has no ID",
			`{"users":[{"_id":"a"},{"_id":"a"}],"total":2,"success":true}`:      "ascending order",
			`{"users":[{"_id":"b"},{"_id":"a"}],"total":2,"success":true}`:      "ascending order",
			`{"users":[{"_id":"a","roles":"admin"}],"total":1,"success":true}`:  "cannot unmarshal",
			`{"users":[{"_id":"a","active":"false"}],"total":1,"success":true}`: "cannot unmarshal",
			`{"users":[{"_id":"a","lastLogin":7}],"total":1,"success":true}`:    "users: ",
		},
		"settings.public": {
			`{"settings":[{"_id":"a","value":1e987654}],"total":1}`:                             "out of range",
			`{"settings":[{"_id":["leaked-value"],"value":1}],"total":1}`:                       "cannot unmarshal array",
			`{"settings":[],"total":0}`:                                                         "lists no public settings",
			`{"settings":[{"_id":"b","value":"leaked-value"},{"_id":"a","value":1}],"total":2}`: "ascending order",
		},
		private: {
			`{"_id":"other","value":"leaked-value","success":true}`:                                   "about another setting",
			`{"_id":"` + strings.ToUpper(privateSetting) + `","value":"leaked-value","success":true}`: "about another setting",
			`{"_id":"` + privateSetting + `","success":true}`:                                         "no value",
			`{"_id":"` + privateSetting + `","Value":"leaked-value","success":true}`:                  "no value",
			`{"_id":"` + privateSetting + `","value":1e987654,"success":true}`:                        "out of range",
			`{"_id":"` + privateSetting + `","value":"leaked-value`:                                   "unexpected end",
		},
	}
	for _, of := range otherReads {
		for body, want := range says[of.route] {
			logged := &logRecorder{}
			client := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/api/v1/"+of.route) {
					return jsonResponse(http.StatusOK, body).response(r)
				}
				return w.Transport().RoundTrip(r)
			}), account(w, "none"), func(c *rocketchat.Config) { c.Logger, c.MaxRetries = slog.New(logged), 0 })
			err := of.read(t.Context(), client)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), of.route) {
				t.Errorf("%s: %.60s: %v, want %q", of.route, body, err, want)
				continue
			}
			searchForSecrets(t, "the error or the log", logged.String()+err.Error(), []string{"leaked-value", "987654"})
		}
	}
}

// TestOwnRoles_thatAreHidden are not known, which is not the same as none.
func TestOwnRoles_thatAreHidden(t *testing.T) {
	t.Parallel()
	for _, roles := range []string{`"success":true`, `"Roles":["admin"]`} {
		client := newClient(t, play(jsonResponse(http.StatusOK, `{"_id":"canaryUser0000000",`+roles+`}`)))
		if roles, err := client.OwnRoles(t.Context()); roles != nil || err != nil {
			t.Errorf("roles %v, %v; want none, which is not known", roles, err)
		}
	}
}
