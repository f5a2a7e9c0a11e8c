// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchat_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestServerClock_proxyWithAnother: a proxy writes Date by its own clock, which is not
// the one that the limiter goes by; this machine may agree with either or with none.
// Four pages with a call each four seconds take twelve, and one call in vain at most,
// which does not count as a retry.
func TestServerClock_proxyWithAnother(t *testing.T) {
	t.Parallel()
	for _, window := range []time.Duration{4 * time.Second, time.Minute} {
		for _, off := range []time.Duration{0, -10 * time.Second, 10 * time.Second, -2 * time.Minute, 2 * time.Minute, -time.Hour, time.Hour} {
			for _, skew := range []time.Duration{0, 3 * time.Second, -3 * time.Second, time.Hour, -time.Hour} {
				bubble(t, func(t *testing.T) {
					w := rocketchattest.New(rocketchattest.Options{
						Synthetic: 64, UpperCount: 20, ClockSkew: skew, RateLimit: rocketchattest.RateLimit{Calls: 1, Window: window},
					})
					proxy := roundTrip(func(r *http.Request) (*http.Response, error) {
						resp, err := w.Transport().RoundTrip(r)
						if err == nil {
							resp.Header.Set("Date", time.Now().Add(skew+off).UTC().Format(http.TimeFormat))
						}
						return resp, err
					})
					client := newClient(t, proxy, account(w, "viewonly"), func(c *rocketchat.Config) {
						c.MaxConcurrentRequests, c.MaxRetries = 1, 0
					})
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
					defer cancel()
					listing, err := client.WorkspaceSessions(ctx, "", everything)
					if err != nil || len(listing.Sessions) != 64 {
						t.Fatalf("window %v, proxy %v, server %v: %v", window, off, skew, err)
					}
					refused := 0
					for _, status := range statuses(w) {
						if status == http.StatusTooManyRequests {
							refused++
						}
					}
					most := 3*(window+max(skew, 0)) + 6*time.Second
					if skew.Abs() >= time.Hour {
						// Neither clock is the limiter's: a window of the default length each time.
						most = 3*time.Minute + 15*time.Second
					}
					if refused > 1 || time.Since(start) > most {
						t.Errorf("window %v, proxy %v, server %v: %d calls refused, %v waited; want one at most, and %v",
							window, off, skew, refused, time.Since(start), most)
					}
				})
			}
		}
	}
}

// TestServerClock_now is what older and newer are decided by.
func TestServerClock_now(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{ClockSkew: 3 * time.Minute})
		client := newClient(t, w.Transport(), account(w, "none"))
		if now := client.Now(); !now.Equal(start) {
			t.Errorf("before any response: %v", now)
		}
		read(t, client)
		if now := client.Now(); now.Sub(time.Now().Add(3*time.Minute)).Abs() > time.Second {
			t.Errorf("%v; want three minutes after %v", now, time.Now())
		}
	})
}
