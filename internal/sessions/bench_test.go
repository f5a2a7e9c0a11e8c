// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// BenchmarkApply applies queries over a large workspace: 100,000 sessions of
// 20,000 users.
func BenchmarkApply(b *testing.B) {
	all := workspace(100_000)
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

func workspace(n int) []*sessions.Session {
	random := rand.New(rand.NewPCG(1, 2))
	oses := []string{"Windows", "Mac OS", "Linux", "iOS", "Android"}
	devices := []string{"Chrome", "Firefox", "Safari", "Rocket.Chat", "Edge"}
	kinds := []string{"browser", "desktop-app", "mobile-app", "tablet"}
	pick := func(texts []string) table.Text { return table.Some(texts[random.IntN(len(texts))]) }
	host := "chat.example.com"
	newest := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	all := make([]*sessions.Session, n)
	for i := range all {
		user := random.IntN(20_000)
		at := newest.Add(-time.Duration(random.IntN(30*24*3600*1000)) * time.Millisecond)
		all[i] = &sessions.Session{
			SessionID: new(fmt.Sprintf("session%010x", random.Uint32())),
			UserID:    new(fmt.Sprintf("user%013d", user)),
			Host:      &host,
			IP:        new(fmt.Sprintf("10.%d.%d.7", user%32, user%250)),
			LoginAt:   &at,
			Device: &sessions.Device{
				Type: pick(kinds), Name: pick(devices), Version: table.Some(fmt.Sprintf("%d.0.%d", random.IntN(120), random.IntN(9))),
				OS: table.Some(sessions.OS{Name: pick(oses), Version: table.Some(fmt.Sprint(random.IntN(12)))}),
			},
			User: &sessions.User{
				Username: table.Some(fmt.Sprintf("user-%d", user)),
				Name:     table.Some(fmt.Sprintf("Given%d Family%d", user%97, user%1013)),
			},
		}
	}
	return all
}
