// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// atOnce makes eight calls of several routes and searches, and returns their errors.
func atOnce(ctx context.Context, client *rocketchat.Client, id string) []error {
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			switch {
			case i < 6:
				_, errs[i] = client.WorkspaceSessions(ctx, fmt.Sprintf("needle%d", i), everything)
			case i == 6:
				_, errs[i] = client.WorkspaceSession(ctx, id)
			default:
				errs[i] = client.Logout(ctx, id)
			}
		})
	}
	all.Wait()
	return errs
}

func refusals(w *rocketchattest.Workspace) (refused int) {
	for _, r := range w.Requests() {
		if r.Status == http.StatusBadRequest {
			refused++
		}
	}
	return refused
}

// TestCode_isUsedOnceAtATime: the first use of a code is alone, over all routes and searches.
func TestCode_isUsedOnceAtATime(t *testing.T) {
	t.Parallel()
	factor := func(f rocketchat.TwoFactor) func(*testing.T, *rocketchattest.Workspace) rocketchat.TwoFactor {
		return func(*testing.T, *rocketchattest.Workspace) rocketchat.TwoFactor { return f }
	}
	code := func(prepare func(*testing.T, *rocketchattest.Workspace) string) func(*testing.T, *rocketchattest.Workspace) rocketchat.TwoFactor {
		return func(t *testing.T, w *rocketchattest.Workspace) rocketchat.TwoFactor {
			return rocketchat.TwoFactor{Code: prepare(t, w)}
		}
	}
	type row struct {
		account string
		options func(*rocketchattest.Options)
		config  func(*testing.T, *rocketchattest.Workspace) rocketchat.TwoFactor
		// refused are the calls refused with 400 in all, besides the one that had the mail sent.
		refused int
		fails   bool
	}
	each(t, map[string]row{
		"a valid code of an e-mail": {account: "email", config: code(mailedCode)},
		"a wrong code of an e-mail": {account: "email", config: code(wrongMailedCode), refused: 1, fails: true},
		"a backup code":             {account: "totp", config: factor(rocketchat.TwoFactor{Code: "BACKUP01"})},
		"nothing":                   {account: "totp", config: factor(rocketchat.TwoFactor{}), refused: 1, fails: true},
		"a clock that is off": {
			account: "totp", options: ahead(3 * time.Minute), refused: 1,
			config: factor(rocketchat.TwoFactor{TOTP: parseSecret(t, rocketchattest.DefaultTOTPSecret)}),
		},
		"a wrong secret": {account: "totp", config: factor(rocketchat.TwoFactor{TOTP: parseSecret(t, wrongSecret)}), refused: 1, fails: true},
	}, func(t *testing.T, tc row) {
		options := rocketchattest.Options{Synthetic: 20}
		if tc.options != nil {
			tc.options(&options)
		}
		w := rocketchattest.New(options)
		config := tc.config(t, w)
		before := refusals(w)
		client := newClient(t, w.Transport(), account(w, tc.account), twoFactor(config))
		for i, err := range atOnce(t.Context(), client, w.Sessions()[0].SessionID.Value) {
			if tc.fails {
				_ = as[*rocketchat.SecondFactorError](t, err)
			} else if err != nil && i != 6 { // the session may have been ended before it is read
				t.Errorf("call %d: %v", i, err)
			}
		}
		if got := refusals(w) - before; got != tc.refused {
			t.Errorf("%d calls refused, want %d", got, tc.refused)
		}
	})
}

// TestCode_ofTheNextStepIsTried: what was refused is one code, not the secret.
func TestCode_ofTheNextStepIsTried(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{})
		client := newClient(t, w.Transport(), account(w, "totp"), twoFactor(rocketchat.TwoFactor{TOTP: parseSecret(t, wrongSecret)}))
		for want, wait := range []time.Duration{0, 0, 30 * time.Second, 0} {
			time.Sleep(wait)
			_, err := client.WorkspaceSessions(t.Context(), "", everything)
			_ = as[*rocketchat.SecondFactorError](t, err)
			if got := refusals(w); got != []int{1, 1, 2, 2}[want] {
				t.Errorf("after read %d: %d calls refused", want, got)
			}
		}
	})
}
