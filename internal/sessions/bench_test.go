// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// BenchmarkApply applies queries over a large workspace: 100,000 sessions.
func BenchmarkApply(b *testing.B) {
	all := workspace(b, 100_000)
	office := mustParseNetworks(b, "10.0.0.0/12", "192.0.2.0/24", "2001:db8::/32")
	for _, c := range []struct {
		name  string
		query sessions.Arguments
	}{
		{"everything", sessions.Arguments{}},
		{"filter", sessions.Arguments{Filter: mustCompile(b, "windows (7|8)|iphone")}},
		{"filter misses", sessions.Arguments{Filter: mustCompile(b, "no such text")}},
		{"match", sessions.Arguments{Match: map[string]*table.Pattern{
			"os_name": mustCompile(b, "^windows$"), "username": mustCompile(b, "^user-1.*7$"),
		}}},
		{"exclude", sessions.Arguments{Exclude: map[string]*table.Pattern{
			"device_type": mustCompile(b, "mobile"), "username": mustCompile(b, "^(bot|svc)-"),
		}}},
		{"within", sessions.Arguments{Within: office}},
		{"outside", sessions.Arguments{Outside: office}},
		{"sort by name", sessions.Arguments{Sort: []sessions.Order{{Key: "os_name"}, {Key: "username", Descending: true}}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				(&sessions.Query{Arguments: c.query}).Apply(all)
			}
		})
	}
}

func workspace(b *testing.B, n int) []*sessions.Session {
	b.Helper()
	rows, err := json.Marshal(rocketchattest.SyntheticSessions(n, 1, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
	if err != nil {
		b.Fatal(err)
	}
	return decoded[[]*sessions.Session](b, string(rows))
}
