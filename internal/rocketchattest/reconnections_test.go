// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestReconnections_moveRows turns the clock and reads pages: so many clients connect
// again, and nobody is lost or listed twice.
func TestReconnections_moveRows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rate      rocketchattest.Reconnections
		pages     int
		between   time.Duration
		connected int
	}{
		{rocketchattest.Reconnections{}, 4, time.Minute, 0},
		{rocketchattest.Reconnections{PerPage: 3}, 4, 0, 12},
		{rocketchattest.Reconnections{PerPage: 0.5}, 5, time.Hour, 2},
		{rocketchattest.Reconnections{PerSecond: 0.5}, 4, 5 * time.Second, 10},
		{rocketchattest.Reconnections{PerSecond: 1, PerPage: 1}, 4, 5 * time.Second, 24},
		// A workspace that nobody looked at has no more to make up for than it has clients.
		{rocketchattest.Reconnections{PerSecond: 1}, 1, 24 * time.Hour, 200},
	} {
		hands := clocktest.NewFake(noon)
		w := rocketchattest.New(rocketchattest.Options{Clock: hands, Synthetic: 200, Reconnections: test.rate})
		before := w.Sessions()
		for range test.pages {
			hands.Advance(test.between)
			get(t, w, "count=1")
		}
		after := w.Sessions()
		if len(after) != len(before) {
			t.Errorf("%+v: %d sessions are listed, %d were", test.rate, len(after), len(before))
		}
		owners := func(rows []rocketchattest.Session) []string {
			var owners []string
			for _, s := range rows {
				owners = append(owners, s.UserID.Value)
			}
			slices.Sort(owners)
			return owners
		}
		if diff := cmp.Diff(owners(before), owners(after)); diff != "" {
			t.Errorf("%+v: owners (-before +after):\n%s", test.rate, diff)
		}
		known := ids(before)
		connections := test.connected
		for i, s := range after {
			if slices.Contains(known, s.SessionID.Value) {
				break
			}
			connections--
			if i > 0 && !s.LoginAt.Value.Before(after[i-1].LoginAt.Value) {
				t.Errorf("%+v: row %d connected at the time of the one before", test.rate, i)
			}
		}
		// A client can connect more than once.
		if connections < 0 || test.connected > 0 && connections > test.connected/2 {
			t.Errorf("%+v: %d of %d connections are on top of the list", test.rate, test.connected-connections, test.connected)
		}
		if got := after[0].LoginAt.Value; got.After(hands.Now().Add(time.Second)) {
			t.Errorf("%+v: the newest connection is of %s, and it is %s", test.rate, got, hands.Now())
		}
	}
}
