// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// Mistakes that "terraform validate" finds without a network.
func TestWorkspaceSessions_mistakes(t *testing.T) {
	t.Parallel()
	wantMistakes(t, newServer(t).validateSessions, map[string]mistake{
		"nothing": {nil, []string{}, nil},
		"unknown": {attributes{
			"filter": unknown{}, "match": unknown{}, "exclude": attributes{"ip": unknown{}}, "within_cidrs": unknown{}, "outside_cidrs": []any{unknown{}},
			"logged_in_before": unknown{}, "logged_in_after": unknown{}, "older_than": unknown{}, "newer_than": unknown{},
			"device_version_below": unknown{}, "os_version_below": unknown{}, "beyond_per_user": unknown{}, "user_deleted": unknown{}, "search": unknown{}, "sort": []any{unknown{}, "-ip"},
			"offset": unknown{}, "limit": unknown{}, "timeouts": unknown{},
		}, []string{}, nil},
		"filter": {
			attributes{"filter": "Chrome ("},
			[]string{"error at filter: Unusable regular expression"},
			[]string{"`filter`", "missing closing )", "RE2", "backslash", `"\\("`},
		},
		"filter empty":       {attributes{"filter": ""}, []string{}, nil},
		"filter look-around": {attributes{"filter": "(?!Chrome)"}, []string{"error at filter: Unusable regular expression"}, []string{"look-around", "into `exclude`"}},
		"match role":         {attributes{"match": attributes{"role": "admin"}, "exclude": attributes{"User_Type": "bot", "deactivated": "x"}}, []string{"error at exclude.User_Type: Unknown key", "error at exclude.deactivated: Unknown key", "error at match.role: Unknown key"}, []string{"use `user_roles`", "use `user_types`", "use `user_active`"}},
		"match":              {attributes{"match": attributes{"username": "[a", "name": ".*"}}, []string{"error at match.username: Unusable regular expression"}, []string{"`match[\"username\"]`", "missing closing ]"}},
		"match empty":        {attributes{"match": attributes{}}, []string{}, nil},
		"match null":         {attributes{"match": attributes{"username": nil}}, []string{}, nil},
		"match later":        {attributes{"match": attributes{"username": unknown{}, "namee": unknown{}}}, []string{"error at match.namee: Unknown key"}, []string{"`match` has no key \"namee\"; did you mean `name`?"}},
		"match time":         {attributes{"match": attributes{"login_at": "2023"}}, []string{"error at match.login_at: Unknown key"}, []string{"`logged_in_before` and `logged_in_after`"}},
		"match nothing near": {attributes{"match": attributes{"whatever": "x"}}, []string{"error at match.whatever: Unknown key"}, []string{"no key \"whatever\". The keys are `session_id`, ", " and `name`."}},
		"exclude":            {attributes{"exclude": attributes{"os_name": "*"}}, []string{"error at exclude.os_name: Unusable regular expression"}, []string{"`exclude[\"os_name\"]`", "repetition"}},
		"exclude null key":   {attributes{"exclude": attributes{"usr_name": nil}}, []string{"error at exclude.usr_name: Unknown key"}, []string{"`exclude` has no key \"usr_name\""}},
		"networks":           {attributes{"within_cidrs": []any{"10.0.0.0/8", "2001:db8::/32"}, "outside_cidrs": []any{}}, []string{}, nil},
		"network": {attributes{"within_cidrs": []any{"10.0.0.0/8", "10.0.0.1", nil}}, []string{
			"error at within_cidrs.1: Unusable network", "error at within_cidrs.2: Unusable network",
		}, []string{"`within_cidrs[1]`", "10.0.0.1/32", "`within_cidrs[2]` is null"}},
		"network outside": {attributes{"outside_cidrs": []any{"office"}}, []string{"error at outside_cidrs.0: Unusable network"}, []string{"`outside_cidrs[0]`", "CIDR"}},
		"times":           {attributes{"logged_in_after": "2023-05-24T00:00:00Z", "logged_in_before": "2023-05-24T01:00:00+01:00"}, []string{"error at logged_in_before: No session can match"}, []string{"wrong way round"}},
		"times in order":  {attributes{"logged_in_after": "2023-05-24T00:00:00Z", "logged_in_before": "2023-05-24T01:00:00.5Z"}, []string{}, nil},
		"time":            {attributes{"logged_in_after": "2023-05-24", "logged_in_before": "yesterday"}, []string{"error at logged_in_after: Unusable time", "error at logged_in_before: Unusable time"}, []string{"`logged_in_after` is \"2023-05-24\"", "2026-01-31T00:00:00Z", "timeadd"}},
		"ages":            {attributes{"newer_than": "30d", "older_than": "1d12h"}, []string{}, nil},
		"ages crossed":    {attributes{"newer_than": "1d", "older_than": "24h"}, []string{"error at older_than: No session can match"}, []string{"`newer_than` (1d)", "`older_than` (24h)", "wrong way round"}},
		"age": {
			attributes{"newer_than": "thirty days", "older_than": "0d"},
			[]string{"error at newer_than: Unusable duration", "error at older_than: Unusable duration"},
			[]string{"`newer_than` is \"thirty days\"", "\"30d\"", "`older_than` is \"0d\""},
		},
		"age and time": {attributes{"older_than": "30d", "logged_in_before": "2026-01-31T00:00:00Z"}, []string{"error at older_than: Invalid Attribute Combination"}, []string{"logged_in_before"}},
		"time and age": {attributes{"newer_than": "30d", "logged_in_after": "2026-01-31T00:00:00Z"}, []string{"error at newer_than: Invalid Attribute Combination"}, []string{"logged_in_after"}},
		"versions":     {attributes{"device_version_below": "113", "os_version_below": "10.15.7", "match": attributes{"device_name": ".*", "os_name": unknown{}}}, []string{}, nil},
		"versions of all": {attributes{"device_version_below": "113", "os_version_below": "10.15.7", "match": attributes{"device_name": "", "os_name": nil}}, []string{
			"warning at device_version_below: Versions of different browsers and apps cannot be compared",
			"warning at os_version_below: Versions of different operating systems cannot be compared",
		}, []string{"Set `device_name` in `match`", "Set `os_name` in `match`"}},
		"version": {
			attributes{"device_version_below": "latest", "os_version_below": "XP"},
			[]string{"error at device_version_below: Unusable version", "error at os_version_below: Unusable version"},
			[]string{"`device_version_below` is \"latest\"", "\"10.15.7\""},
		},
		"beyond":         {attributes{"beyond_per_user": 0}, []string{}, nil},
		"beyond minus":   {attributes{"beyond_per_user": -1}, []string{"error at beyond_per_user: Invalid Attribute Value"}, nil},
		"search empty":   {attributes{"search": ""}, []string{"error at search: Invalid Attribute Value Length"}, nil},
		"sort":           {attributes{"sort": []any{"username", "-login_at"}}, []string{}, nil},
		"sort nothing":   {attributes{"sort": []any{}}, []string{}, nil},
		"sort unknown":   {attributes{"sort": unknown{}}, []string{}, nil},
		"sort key":       {attributes{"sort": []any{"ip", "-loginAt"}}, []string{"error at sort.1: Unknown sort key"}, []string{"`sort[1]`: sessions cannot be sorted by \"-loginAt\"", `did you mean "-login_at"?`, "`session_id`, ", " and `name`", "a leading minus"}},
		"sort direction": {attributes{"sort": []any{"ip desc"}}, []string{"error at sort.0: Unknown sort key"}, []string{`did you mean "-ip"?`}},
		"sort upwards":   {attributes{"sort": []any{"user:asc"}}, []string{"error at sort.0: Unknown sort key"}, []string{`did you mean "username"?`}},
		"sort nowhere":   {attributes{"sort": []any{"something else entirely"}}, []string{"error at sort.0: Unknown sort key"}, []string{"sessions cannot be sorted by \"something else entirely\". The keys are `session_id`"}},
		"sort twice":     {attributes{"sort": []any{"ip", "host", "-ip"}}, []string{"error at sort.2: Sort key used twice"}, []string{"`sort[2]`", "\"ip\"", "`sort[0]`"}},
		"sort null":      {attributes{"sort": []any{nil}}, []string{"error at sort.0: Unusable sort key"}, []string{"`sort[0]` is null"}},
		"sort empty":     {attributes{"sort": []any{""}}, []string{"error at sort.0: Unknown sort key"}, []string{"`sort[0]`: sessions cannot be sorted by \"\""}},
		"sort minus":     {attributes{"sort": []any{"-"}}, []string{"error at sort.0: Unknown sort key"}, nil},
		"offset":         {attributes{"offset": -1}, []string{"error at offset: Invalid Attribute Value"}, nil},
		"limit":          {attributes{"limit": -1}, []string{"error at limit: Invalid Attribute Value"}, nil},
		"limit zero":     {attributes{"limit": 0}, []string{}, nil},
		"timeouts":       {attributes{"timeouts": attributes{"read": "1h30m"}}, []string{}, nil},
		"timeouts zero":  {attributes{"timeouts": attributes{"read": "0s"}}, []string{"error at timeouts.read: Unusable duration"}, []string{"`timeouts.read`"}},
		"timeouts word":  {attributes{"timeouts": attributes{"read": "soon"}}, []string{"error at timeouts.read: Unusable duration"}, nil},
	})
}

func TestWorkspaceSessions_everySortKeyIsAccepted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var all []any
	for _, key := range table.SortKeys(sessions.Fields()) {
		all = append(all, "-"+key)
	}
	if got := s.validateSessions(t, attributes{"sort": all}); len(got) > 0 {
		t.Error(details(got))
	}
	for _, a := range s.schema.DataSourceSchemas[dataSourceName].Block.Attributes {
		for _, key := range table.SortKeys(sessions.Fields()) {
			if a.Name == "sort" || (a.Name == "match" && key != sessions.LoginAt) {
				mustContain(t, a.Description, "`"+key+"`")
			}
		}
	}
}

// What people write in a field's place leads to the field.
func TestKeys_thatAreMeant(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for written, meant := range map[string]string{
		"user": "username", "userName": "username", "user_name": "username", "usernam": "username", "user.username": "username",
		"browser": "device_name", "device": "device_name", "client": "device_name", "device.name": "device_name", "devicename": "device_name",
		"os": "os_name", "platform": "os_name", "device.os.name": "os_name", "osVersion": "os_version",
		"address": "ip", "addresss": "ip", "IP": "ip", "ip_address": "ip", "hostname": "host", "hots": "host",
		"id": "session_id", "sessionId": "session_id", "userid": "user_id", "display_name": "name", "user.name": "name",
		"type": "device_type", "version": "device_version", "device_vers": "device_version",
	} {
		for _, argument := range []string{"match", "exclude"} {
			got := s.validateSessions(t, attributes{argument: attributes{written: "x"}})
			wantReport(t, []string{"error at " + argument + "." + written + ": Unknown key"}, got)
			mustContain(t, details(got), "did you mean `"+meant+"`?")
		}
		mustContain(t, details(s.validateSessions(t, attributes{"sort": []any{"-" + written}})), `did you mean "-`+meant+`"?`)
	}
}
