// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// TestClient_concurrentCallers has many callers of all kinds at one client while every
// seventh response fails, some callers give up, and sessions are ended. Whoever
// stays gets everything.
func TestClient_concurrentCallers(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		const rows, callers = 300, 60
		w := behindTOTP(rocketchattest.Options{Synthetic: rows, Seed: 11})
		w.Fault(func(n int, r *http.Request, next http.Handler) http.Handler {
			if n%7 != 3 {
				return nil
			}
			return historyFaults[n%len(historyFaults)](n, r, next)
		})
		client := newClient(t, w.Transport(), account(w, "totp"), withTOTP(t), func(c *rocketchat.Config) { c.MaxRetries = 30 })
		alive := truths(w.Sessions())
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				var err error
				switch i % 6 {
				case 0:
					err = client.Logout(ctx, *alive[i].SessionID)
				case 1:
					var s *sessions.Session
					if s, err = client.WorkspaceSession(ctx, *alive[i].SessionID); err == nil && *s.SessionID != *alive[i].SessionID {
						err = fmt.Errorf("another session: %s", *s.SessionID)
					}
				case 2:
					_, err = client.OwnSessions(ctx, "", everything)
				case 3:
					cancel()
					if _, err = client.WorkspaceSessions(ctx, "", everything); errors.Is(err, context.Canceled) {
						err = nil
					}
				default:
					err = readsAll(ctx, client, alive)
				}
				if err != nil {
					t.Errorf("caller %d: %v", i, err)
				}
			})
		}
		all.Wait()
		if got, want := len(w.Sessions()), rows-callers/6; got != want {
			t.Errorf("%d sessions are left, want %d", got, want)
		}
	})
}

// readsAll reads everything, of which a sixth of the first rows may have ended.
func readsAll(ctx context.Context, client *rocketchat.Client, alive []*sessions.Session) error {
	listing, err := client.WorkspaceSessions(ctx, "", everything)
	if err != nil {
		return err
	}
	got := map[string]bool{}
	for _, s := range listing.Sessions {
		if got[*s.SessionID] {
			return fmt.Errorf("%s is there twice", *s.SessionID)
		}
		got[*s.SessionID] = true
	}
	for i, s := range alive {
		if ended := i < 60 && i%6 == 0; !ended && !got[*s.SessionID] {
			return fmt.Errorf("row %d is missing", i)
		}
	}
	return nil
}
