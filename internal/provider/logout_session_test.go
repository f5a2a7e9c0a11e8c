// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	"github.com/zclconf/go-cty/cty"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const actionName = "rocketchat_logout_session"

// actions are the part of the server that Terraform 1.14 found.
func (s *server) actions(t *testing.T) tfprotov6.ActionServer {
	t.Helper()
	server, ok := s.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		t.Fatal("the server has no actions")
	}
	return server
}

func (s *server) actionType() tftypes.Type {
	return s.schema.ActionSchemas[actionName].Schema.ValueType()
}

func (s *server) validateAction(t *testing.T, config attributes) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := s.actions(t).ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{
		ActionType: actionName, Config: dynamic(t, s.actionType(), config),
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

func (s *server) planAction(t *testing.T, config attributes) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := s.actions(t).PlanAction(t.Context(), &tfprotov6.PlanActionRequest{
		ActionType: actionName, Config: dynamic(t, s.actionType(), config),
	})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Deferred != nil {
		t.Errorf("the action is deferred: %v", resp.Deferred)
	}
	return resp.Diagnostics
}

// invoke returns the progress messages and what the action ended with.
func (s *server) invoke(ctx context.Context, t *testing.T, config attributes) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	stream, err := s.actions(t).InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: actionName, Config: dynamic(t, s.actionType(), config)})
	if err != nil {
		t.Fatal(err)
	}
	completed := 0
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			diagnostics = event.Diagnostics
		}
	}
	if completed != 1 {
		t.Errorf("the action completed %d times", completed)
	}
	return progress, diagnostics
}

// alive are the sessions that the workspace still has.
func alive(w *workspace) []string {
	ids := []string{}
	for _, row := range w.Sessions() {
		ids = append(ids, row.SessionID.Value)
	}
	return ids
}

// logouts are the sessions that the workspace was asked to end, in order.
func logouts(w *workspace) []string {
	ids := []string{}
	for _, r := range w.Requests() {
		if id, ok := strings.CutPrefix(string(r.Body), `{"sessionId":"`); ok {
			ids = append(ids, strings.TrimSuffix(id, `"}`))
		}
	}
	return ids
}

// onLogout has a fault happen at the n-th logout.
func onLogout(n int, fault rocketchattest.FaultFunc) rocketchattest.FaultFunc {
	var asked atomic.Int64
	return func(number int, r *http.Request, next http.Handler) http.Handler {
		if !strings.HasSuffix(r.URL.Path, "/sessions/logout") || asked.Add(1) != int64(n) {
			return nil
		}
		return fault(number, r, next)
	}
}

func TestLogoutSession_mistakes(t *testing.T) {
	t.Parallel()
	wantMistakes(t, newServer(t).validateAction, map[string]mistake{
		"one":             {attributes{"session_ids": []any{"sAnn"}}, nil, nil},
		"twice":           {attributes{"session_ids": []any{"sAnn", "sAnn"}}, nil, nil},
		"unknown":         {attributes{"session_ids": unknown{}, "timeouts": unknown{}}, nil, nil},
		"unknown element": {attributes{"session_ids": []any{unknown{}}, "timeouts": attributes{"invoke": unknown{}}}, nil, nil},
		"none":            {attributes{"session_ids": []any{}}, []string{"error at session_ids: No session to end"}, []string{"`session_ids` is an empty list", "`count`"}},
		"missing":         {nil, []string{"error at session_ids: Missing Configuration for Required Attribute"}, nil},
		"null":            {attributes{"session_ids": []any{"sAnn", nil}}, []string{"error at session_ids.1: Unusable session ID"}, []string{"`session_ids[1]` is null", "before 6.6"}},
		"blank":           {attributes{"session_ids": []any{"", "sAnn "}}, []string{"error at session_ids.0: Unusable session ID", "error at session_ids.1: Unusable session ID"}, []string{`"sAnn "`}},
		"timeout":         {attributes{"session_ids": []any{"sAnn"}, "timeouts": attributes{"invoke": "5m"}}, nil, nil},
		"no timeout":      {attributes{"session_ids": []any{"sAnn"}, "timeouts": attributes{"invoke": "0s"}}, []string{"error at timeouts.invoke: Unusable duration"}, nil},
	})
}

func TestLogoutSession_ends(t *testing.T) {
	t.Parallel()
	for _, release := range rocketchattest.Releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{Release: release, Sessions: fourSessions()})
			s := w.behindTOTP(t)
			// In the order of the list, one that has ended already, one that never was, one twice.
			w.Logout("sGone")
			progress, got := s.invoke(t.Context(), t, attributes{"session_ids": []any{"sSvc", "sGone", "sann", "sAnn", "sSvc"}})
			wantIDs(t, "progress", []string{
				"Session 1 of 4, sSvc: ended.",
				"Session 2 of 4, sGone: ended.",
				"Session 3 of 4, sann: not known to the workspace, so there is nothing to end.",
				"Session 4 of 4, sAnn: ended.",
			}, progress)
			wantReport(t, []string{"warning at session_ids: The workspace does not know some of the sessions"}, got)
			mustContain(t, details(got), "Not known: sann.", "case-sensitive")
			wantIDs(t, "alive", []string{"sBob"}, alive(w))
		})
	}
}

// What was read before a logout serves nobody after it.
func TestLogoutSession_isSeenByTheNextRead(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	s := configured(t, w, "none", nil)
	for _, left := range []int{4, 3} {
		got, diagnostics := s.readSessions(t.Context(), t, nil)
		wantReport(t, nil, diagnostics)
		if !got["matched"].Equal(tftypes.NewValue(tftypes.Number, left)) {
			t.Errorf("matched is %s, want %d", got["matched"], left)
		}
		_, diagnostics = s.invoke(t.Context(), t, attributes{"session_ids": []any{"sBob"}})
		wantReport(t, nil, diagnostics)
	}
}

// A lost response leaves open whether the session has ended; asking
// again is safe, and says.
func TestLogoutSession_whoseResponseIsLost(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	w.Fault(onLogout(1, rocketchattest.FaultTruncated))
	progress, got := configured(t, w, "none", nil).invoke(t.Context(), t, attributes{"session_ids": []any{"sBob"}})
	if len(got) > 0 || len(progress) != 1 {
		t.Errorf("progress %v, diagnostics %s", progress, details(got))
	}
	wantIDs(t, "ended", []string{"sBob", "sBob"}, logouts(w))
}

// Validation passes what is unknown; an apply brings it.
func TestLogoutSession_checksWhatWasUnknown(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	s := configured(t, w, "none", nil)
	for want, ids := range map[string][]any{
		"error at session_ids: No session to end":     {},
		"error at session_ids.1: Unusable session ID": {"sAnn", nil},
	} {
		_, got := s.invoke(t.Context(), t, attributes{"session_ids": ids})
		wantReport(t, []string{want}, got)
	}
	if len(w.Requests()) > 0 {
		t.Errorf("the workspace was asked: %v", w.Requests())
	}
}

func TestLogoutSession_failures(t *testing.T) {
	t.Parallel()
	const unknownToo = "warning at session_ids: The workspace does not know some of the sessions"
	all, first := []string{"sAnn", "sBob", "sSvc", "sGone"}, []string{"sBob", "sSvc", "sGone"}
	third := func(status int, body string) rocketchattest.FaultFunc {
		return onLogout(3, rocketchattest.FaultResponse(status, nil, body))
	}
	for name, c := range map[string]struct {
		account  string
		options  rocketchattest.Options
		fault    rocketchattest.FaultFunc
		want     []string
		words    []string
		progress int
		alive    []string
	}{
		"permission": {
			account: "viewonly", want: []string{"error at -: The account lacks a permission"}, alive: all,
			words: []string{"`logout-device-management`", "Refused: sAnn.", "Not tried: sXyz, sBob, sSvc, sGone."},
		},
		"second factor": {
			account: "totp", want: []string{"error at -: A TOTP code is required"}, words: []string{"ROCKETCHAT_TOTP_SECRET"}, alive: all,
		},
		"gateway": {
			fault: third(403, `{"message":"Forbidden"}`), want: []string{"error at -: Access was refused before Rocket.Chat", unknownToo},
			words: []string{"Ended before that: sAnn.", "Refused: sBob."}, progress: 2, alive: first,
		},
		"gateway in the middle": {
			fault: third(504, ""), want: []string{"error at -: The gateway cannot reach the workspace", unknownToo},
			words: []string{"perhaps only after the workspace had ended it: sBob."}, progress: 2, alive: first,
		},
		"the provider's own session": {
			fault: third(401, `{"status":"error","message":"You must be logged in to do this."}`),
			want:  []string{"error at -: Rocket.Chat does not accept the user ID and token", unknownToo},
			words: []string{"the provider's own", "personal access token", "Ended before that: sAnn.", "Refused: sBob."}, progress: 2, alive: first,
		},
		"license": {
			options: rocketchattest.Options{NoLicense: true}, want: []string{"error at -: The workspace has no license for device management"}, alive: all,
		},
		"in the middle": {
			fault: onLogout(3, rocketchattest.FaultSessionsQuery), want: []string{"error at -: Rocket.Chat refused the request", unknownToo},
			words:    []string{"Ended before that: sAnn.", "had ended it: sBob.", "Not tried: sSvc, sGone.", "run the action again", "Not known: sXyz."},
			progress: 2, alive: first,
		},
		"rate limit": {
			options: rocketchattest.Options{
				PermissionRoles: map[string][]string{rocketchattest.PermissionBypassLimit: nil}, RateLimit: rocketchattest.RateLimit{Calls: 3},
			},
			want:  []string{"error at timeouts.invoke: The rate limit does not let the logout finish in time", unknownToo},
			words: []string{"`timeouts`", "`api-bypass-rate-limit`", "Ended before that: sAnn, sBob.", "Not tried: sGone."}, progress: 3, alive: []string{"sSvc", "sGone"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.options.Sessions = fourSessions()
			w := newWorkspace(t, c.options)
			w.Fault(c.fault)
			progress, got := configured(t, w, cmp.Or(c.account, "none"), attributes{"max_retries": 0}).invoke(t.Context(), t, attributes{
				"session_ids": []any{"sAnn", "sXyz", "sBob", "sSvc", "sGone"}, "timeouts": attributes{"invoke": "30s"},
			})
			wantReport(t, c.want, got)
			mustContain(t, details(got), c.words...)
			mustNotContain(t, details(got), "`search`", "Max Record Amount", "%!")
			if len(progress) != c.progress {
				t.Errorf("progress is %v, want %d messages", progress, c.progress)
			}
			wantIDs(t, "alive", c.alive, alive(w))
		})
	}
}

// Ctrl-C: what has been ended is reported, and nothing else is tried.
func TestLogoutSession_canceled(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.Fault(onLogout(2, func(_ int, _ *http.Request, next http.Handler) http.Handler {
		cancel()
		return next
	}))
	_, got := configured(t, w, "none", nil).invoke(ctx, t, attributes{"session_ids": []any{"sAnn", "sBob", "sSvc"}})
	wantReport(t, []string{"error at -: The logout was canceled"}, got)
	mustContain(t, details(got), "Ended before that: sAnn.", "had ended it: sBob.", "Not tried: sSvc.")
	mustNotContain(t, details(got), "changed nothing")
}

// The example of the documentation, run by the framework's own server on every
// machine: its action block is evaluated here, where no CLI may be
// able to.
func TestLogoutSession_example(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	s := configured(t, w, "none", nil)
	listed, diagnostics := s.readSessions(t.Context(), t, attributes{"logged_in_before": "2023-04-30T12:00:00Z"})
	wantReport(t, nil, diagnostics)
	// Before release 6.6 a session can lack its id.
	found := []cty.Value{cty.ObjectVal(map[string]cty.Value{"session_id": cty.NullVal(cty.String)})}
	for _, id := range column(t, listed, "sessions", "session_id") {
		found = append(found, cty.ObjectVal(map[string]cty.Value{"session_id": cty.StringVal(id)}))
	}
	config := actionConfig(t, "actions/rocketchat_logout_session/action.tf", cty.ListVal(found))
	wantReport(t, nil, s.validateAction(t, config))
	_, got := s.invoke(t.Context(), t, config)
	wantReport(t, nil, got)
	wantIDs(t, "alive", []string{"sAnn", "sBob"}, alive(w))
}

// The same example through a CLI that has actions.
func TestAccExamples_logoutSession(t *testing.T) {
	t.Parallel()
	if strings.Contains(os.Getenv("TF_ACC_PROVIDER_HOST"), "opentofu") {
		t.Skip("OpenTofu has no actions; TestLogoutSession_example runs the example without a CLI")
	}
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: w.factories(),
		Steps: []resource.TestStep{{
			Config: w.provider("none") + example(t, "actions/rocketchat_logout_session/action.tf"),
			// The next plan finds nothing to end.
			ExpectNonEmptyPlan: true,
			Check: func(*terraform.State) error {
				wantIDs(t, "alive", []string{"sAnn", "sBob"}, alive(w))
				return nil
			},
		}},
	})
}
