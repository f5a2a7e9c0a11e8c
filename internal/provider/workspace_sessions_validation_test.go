// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// Mistakes that "terraform validate" finds without a network.
func TestWorkspaceSessionsMistakes(t *testing.T) {
	t.Parallel()
	type sorts = []any
	for name, c := range map[string]struct {
		config attributes
		want   []string
		words  []string
	}{
		"nothing": {nil, []string{}, nil},
		"unknown": {attributes{
			"filter": unknown{}, "match": unknown{}, "exclude": attributes{"ip": unknown{}}, "within_cidrs": unknown{}, "outside_cidrs": []any{unknown{}},
			"logged_in_before": unknown{}, "logged_in_after": unknown{}, "search": unknown{}, "sort": sorts{attributes{"key": unknown{}, "direction": unknown{}}, attributes{"key": "ip"}},
			"offset": unknown{}, "limit": unknown{}, "timeouts": unknown{},
		}, []string{}, nil},
		"filter": {
			attributes{"filter": "Chrome ("},
			[]string{"error at filter: Unusable regular expression"},
			[]string{"`filter`", "missing closing )", "RE2", "backslash", `"\\("`},
		},
		"filter empty":       {attributes{"filter": ""}, []string{}, nil},
		"filter look-around": {attributes{"filter": "(?!Chrome)"}, []string{"error at filter: Unusable regular expression"}, []string{"look-around"}},
		"match":              {attributes{"match": attributes{"username": "[a", "name": ".*"}}, []string{"error at match.username: Unusable regular expression"}, []string{"`match.username`", "missing closing ]"}},
		"exclude":            {attributes{"exclude": attributes{"os_name": "*"}}, []string{"error at exclude.os_name: Unusable regular expression"}, []string{"`exclude.os_name`", "repetition"}},
		"networks":           {attributes{"within_cidrs": []any{"10.0.0.0/8", "2001:db8::/32"}, "outside_cidrs": []any{}}, []string{}, nil},
		"network": {attributes{"within_cidrs": []any{"10.0.0.0/8", "10.0.0.1", nil}}, []string{
			"error at within_cidrs.1: Unusable network", "error at within_cidrs.2: Unusable network",
		}, []string{"`within_cidrs[1]`", "10.0.0.1/32", "`within_cidrs[2]` is null"}},
		"network outside": {attributes{"outside_cidrs": []any{"office"}}, []string{"error at outside_cidrs.0: Unusable network"}, []string{"`outside_cidrs[0]`", "CIDR"}},
		"times":           {attributes{"logged_in_after": "2023-05-24T00:00:00Z", "logged_in_before": "2023-05-24T01:00:00+01:00"}, []string{"error at logged_in_before: No session can match"}, []string{"wrong way round"}},
		"times in order":  {attributes{"logged_in_after": "2023-05-24T00:00:00Z", "logged_in_before": "2023-05-24T01:00:00.5Z"}, []string{}, nil},
		"time":            {attributes{"logged_in_after": "2023-05-24", "logged_in_before": "yesterday"}, []string{"error at logged_in_after: Unusable time", "error at logged_in_before: Unusable time"}, []string{"`logged_in_after` is \"2023-05-24\"", "2026-01-31T00:00:00Z", "timeadd"}},
		"search empty":    {attributes{"search": ""}, []string{"error at search: Invalid Attribute Value Length"}, nil},
		"sort":            {attributes{"sort": sorts{attributes{"key": "username"}, attributes{"key": "login_at", "direction": "desc"}}}, []string{}, nil},
		"sort nothing":    {attributes{"sort": sorts{}}, []string{}, nil},
		"sort key":        {attributes{"sort": sorts{attributes{"key": "loginAt"}}}, []string{"error at sort.0.key: Invalid Attribute Value Match"}, []string{"login_at"}},
		"sort direction":  {attributes{"sort": sorts{attributes{"key": "ip", "direction": "down"}}}, []string{"error at sort.0.direction: Invalid Attribute Value Match"}, []string{"asc"}},
		"sort twice":      {attributes{"sort": sorts{attributes{"key": "ip"}, attributes{"key": "host"}, attributes{"key": "ip", "direction": "desc"}}}, []string{"error at sort.2.key: Sort key used twice"}, []string{"\"ip\"", "sort[0]"}},
		"sort null":       {attributes{"sort": sorts{nil}}, []string{"error at sort.0: Unusable sort key"}, nil},
		"offset":          {attributes{"offset": -1}, []string{"error at offset: Invalid Attribute Value"}, nil},
		"limit":           {attributes{"limit": -1}, []string{"error at limit: Invalid Attribute Value"}, nil},
		"limit zero":      {attributes{"limit": 0}, []string{}, nil},
		"timeouts":        {attributes{"timeouts": attributes{"read": "1h30m"}}, []string{}, nil},
		"timeouts zero":   {attributes{"timeouts": attributes{"read": "0s"}}, []string{"error at timeouts.read: Unusable duration"}, []string{"`timeouts.read`"}},
		"timeouts word":   {attributes{"timeouts": attributes{"read": "soon"}}, []string{"error at timeouts.read: Unusable duration"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newServer(t).validateSessions(t, c.config)
			if diff := cmp.Diff(c.want, report(got)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s\n%s", diff, details(got))
			}
			mustContain(t, details(got), c.words...)
			mustNotContain(t, details(got), "%!")
		})
	}
}

func TestEverySortKeyIsAccepted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var all []any
	for _, key := range sessions.SortKeys() {
		all = append(all, attributes{"key": key})
	}
	if got := s.validateSessions(t, attributes{"sort": all}); len(got) > 0 {
		t.Error(details(got))
	}
	for _, key := range sessions.SortKeys() {
		for _, a := range s.schema.DataSourceSchemas[dataSourceName].Block.Attributes {
			if a.Name == "sort" {
				mustContain(t, a.NestedType.Attributes[1].Description, "`"+key+"`")
			}
		}
	}
}
