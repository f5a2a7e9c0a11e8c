// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	for name, c := range map[string]struct {
		config attributes
		want   []string
		words  []string
	}{
		"one":             {attributes{"session_ids": []any{"sAnn"}}, []string{}, nil},
		"twice":           {attributes{"session_ids": []any{"sAnn", "sAnn"}}, []string{}, nil},
		"unknown":         {attributes{"session_ids": unknown{}, "timeouts": unknown{}}, []string{}, nil},
		"unknown element": {attributes{"session_ids": []any{unknown{}}, "timeouts": attributes{"invoke": unknown{}}}, []string{}, nil},
		"none":            {attributes{"session_ids": []any{}}, []string{"error at session_ids: No session to end"}, []string{"`session_ids` is an empty list", "`count`"}},
		"missing":         {nil, []string{"error at session_ids: Missing Configuration for Required Attribute"}, nil},
		"null":            {attributes{"session_ids": []any{"sAnn", nil}}, []string{"error at session_ids.1: Unusable session ID"}, []string{"`session_ids[1]` is null", "before 6.6"}},
		"blank":           {attributes{"session_ids": []any{"", "sAnn "}}, []string{"error at session_ids.0: Unusable session ID", "error at session_ids.1: Unusable session ID"}, []string{`"sAnn "`}},
		"timeout":         {attributes{"session_ids": []any{"sAnn"}, "timeouts": attributes{"invoke": "5m"}}, []string{}, nil},
		"no timeout":      {attributes{"session_ids": []any{"sAnn"}, "timeouts": attributes{"invoke": "0s"}}, []string{"error at timeouts.invoke: Unusable duration"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newServer(t).validateAction(t, c.config)
			wantReport(t, c.want, got)
			mustContain(t, details(got), c.words...)
		})
	}
}

// A plan needs neither settings nor a workspace that responds, and asks nothing while no ID
// is known.
func TestLogoutSession_plansWithoutTheWorkspace(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	s := configured(t, w, "noperm", nil)
	for _, ids := range []any{[]any{unknown{}}, unknown{}} {
		if got := s.planAction(t, attributes{"session_ids": ids}); len(got) > 0 {
			t.Error(details(got))
		}
	}
	if len(w.Requests()) > 0 {
		t.Errorf("the workspace was asked: %v", w.Requests())
	}
	unset := newServer(t)
	unset.configure(t, nil)
	if got := unset.planAction(t, attributes{"session_ids": []any{"sAnn"}}); len(got) > 0 {
		t.Errorf("without settings: %s", details(got))
	}
}

// A plan reports a missing permission, and nothing where the workspace does not say.
func TestLogoutSession_planTellsAMissingPermission(t *testing.T) {
	t.Parallel()
	missing := []string{"error at -: The account lacks a permission"}
	mute := rocketchattest.FaultResponse(502, nil, "")
	second := rocketchattest.OnlyRequests(mute, 1)
	for _, release := range rocketchattest.Releases() {
		for name, c := range map[string]struct {
			account string
			options rocketchattest.Options
			fault   rocketchattest.FaultFunc
			want    []string
		}{
			"held":                  {account: "none", want: []string{}},
			"held, behind TOTP":     {account: "totp", want: []string{}},
			"missing":               {account: "viewonly", want: missing},
			"missing, no roles":     {account: "noperm", want: missing},
			"missing, another role": {account: "none", options: withLogout(rocketchattest.RoleGuest), want: missing},
			"held by another role":  {account: "guest", options: withLogout(rocketchattest.RoleGuest), want: []string{}},
			"no such permission":    {account: "viewonly", options: rocketchattest.Options{Permissions: []rocketchattest.Permission{{ID: "other"}}}, want: []string{}},
			"workspace fails":       {account: "viewonly", fault: mute, want: []string{}},
			"workspace fails later": {account: "viewonly", fault: second, want: []string{}},
			"wrong token":           {account: "nobody", want: []string{}},
			"calls are used up":     {account: "viewonly", options: rocketchattest.Options{RateLimit: rocketchattest.RateLimit{Calls: 1}}, want: missing},
		} {
			c.options.Release = release
			w := newWorkspace(t, c.options)
			w.Fault(c.fault)
			settings := attributes{"max_retries": 0}
			if c.account == "nobody" {
				c.account, settings["auth_token"] = "viewonly", "wrong"
			}
			got := configured(t, w, c.account, settings).planAction(t, attributes{"session_ids": []any{"sAnn", unknown{}}})
			wantReport(t, c.want, got)
			if len(c.want) > 0 {
				mustContain(t, details(got), "`logout-device-management`", "Workspace → Permissions")
			}
			for _, r := range w.Requests() {
				if r.Method != http.MethodGet || r.Header.Get("X-2fa-Code") != "" {
					t.Errorf("%s, %s: a plan sent %s %s", release, name, r.Method, r.Path)
				}
			}
			if w.clock.Slept() != 0 {
				t.Errorf("%s, %s: a plan waited for %s", release, name, w.clock.Slept())
			}
		}
	}
}

// withLogout has one role hold the permission.
func withLogout(role string) rocketchattest.Options {
	return rocketchattest.Options{PermissionRoles: map[string][]string{rocketchattest.PermissionLogout: {role}}}
}

func TestLogoutSession_ends(t *testing.T) {
	t.Parallel()
	for _, release := range rocketchattest.Releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{Release: release, Sessions: fourSessions()})
			s := configured(t, w, "totp", attributes{"two_factor": attributes{"totp_secret": rocketchattest.DefaultTOTPSecret}})
			// In the order of the list, one that has ended already, one that never was, one twice.
			w.Logout("sGone")
			progress, got := s.invoke(t.Context(), t, attributes{"session_ids": []any{"sSvc", "sGone", "sann", "sAnn", "sSvc"}})
			if diff := cmp.Diff([]string{
				"Session 1 of 4, sSvc: ended.",
				"Session 2 of 4, sGone: ended.",
				"Session 3 of 4, sann: not known to the workspace, so there is nothing to end.",
				"Session 4 of 4, sAnn: ended.",
			}, progress); diff != "" {
				t.Errorf("progress (-want +got):\n%s", diff)
			}
			wantReport(t, []string{"warning at session_ids: The workspace does not know some of the sessions"}, got)
			mustContain(t, details(got), "Not known: sann.", "case-sensitive")
			if diff := cmp.Diff([]string{"sBob"}, alive(w)); diff != "" {
				t.Errorf("sessions alive (-want +got):\n%s", diff)
			}
		})
	}
}

// What was read before a logout serves nobody after it.
func TestLogoutSession_isSeenByTheNextRead(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	s := configured(t, w, "none", nil)
	matched := func() tftypes.Value {
		got, diagnostics := s.readSessions(t.Context(), t, nil)
		if len(diagnostics) > 0 {
			t.Fatal(details(diagnostics))
		}
		return got["matched"]
	}
	if got := matched(); !got.Equal(tftypes.NewValue(tftypes.Number, 4)) {
		t.Fatalf("matched is %s before the logout", got)
	}
	if _, got := s.invoke(t.Context(), t, attributes{"session_ids": []any{"sBob"}}); len(got) > 0 {
		t.Fatal(details(got))
	}
	if got := matched(); !got.Equal(tftypes.NewValue(tftypes.Number, 3)) {
		t.Errorf("matched is %s after the logout, want 3", got)
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
	if diff := cmp.Diff([]string{"sBob", "sBob"}, logouts(w)); diff != "" {
		t.Errorf("other logouts (-want +got):\n%s", diff)
	}
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
		progress, got := s.invoke(t.Context(), t, attributes{"session_ids": ids})
		if diff := cmp.Diff([]string{want}, report(got)); diff != "" || len(progress) > 0 {
			t.Errorf("progress %v, diagnostics (-want +got):\n%s", progress, diff)
		}
	}
	if len(w.Requests()) > 0 {
		t.Errorf("the workspace was asked: %v", w.Requests())
	}
}

func TestLogoutSession_failures(t *testing.T) {
	t.Parallel()
	everything := []any{"sAnn", "sXyz", "sBob", "sSvc", "sGone"}
	broken := onLogout(3, rocketchattest.FaultSessionsQuery)
	limited := map[string][]string{rocketchattest.PermissionBypassLimit: nil}
	for name, c := range map[string]struct {
		account  string
		options  rocketchattest.Options
		fault    rocketchattest.FaultFunc
		config   attributes
		want     []string
		words    []string
		progress int
		alive    []string
	}{
		"permission": {
			account: "viewonly", want: []string{"error at -: The account lacks a permission"},
			words: []string{"`logout-device-management`", "Refused: sAnn.", "Not tried: sXyz, sBob, sSvc, sGone."},
			alive: []string{"sAnn", "sBob", "sSvc", "sGone"},
		},
		"second factor": {
			account: "totp", want: []string{"error at -: A TOTP code is required"}, words: []string{"ROCKETCHAT_TOTP_SECRET"},
			alive: []string{"sAnn", "sBob", "sSvc", "sGone"},
		},
		"gateway": {
			account: "none", fault: onLogout(3, rocketchattest.FaultResponse(403, nil, `{"message":"Forbidden"}`)),
			want:     []string{"error at -: Access was refused before Rocket.Chat", "warning at session_ids: The workspace does not know some of the sessions"},
			words:    []string{"Ended before that: sAnn.", "Refused: sBob."},
			progress: 2, alive: []string{"sBob", "sSvc", "sGone"},
		},
		"gateway in the middle": {
			account: "none", fault: onLogout(3, rocketchattest.FaultResponse(504, nil, "")),
			want:     []string{"error at -: The gateway cannot reach the workspace", "warning at session_ids: The workspace does not know some of the sessions"},
			words:    []string{"perhaps only after the workspace had ended it: sBob."},
			progress: 2, alive: []string{"sBob", "sSvc", "sGone"},
		},
		"the provider's own session": {
			account: "none", fault: onLogout(3, rocketchattest.FaultResponse(401, nil, `{"status":"error","message":"You must be logged in to do this."}`)),
			want:     []string{"error at -: Rocket.Chat does not accept the user ID and token", "warning at session_ids: The workspace does not know some of the sessions"},
			words:    []string{"the provider's own", "personal access token", "Ended before that: sAnn.", "Refused: sBob."},
			progress: 2, alive: []string{"sBob", "sSvc", "sGone"},
		},
		"license": {
			account: "none", options: rocketchattest.Options{NoLicense: true}, want: []string{"error at -: The workspace has no license for device management"},
			alive: []string{"sAnn", "sBob", "sSvc", "sGone"},
		},
		"in the middle": {
			account: "none", fault: broken,
			want: []string{"error at -: Rocket.Chat refused the request", "warning at session_ids: The workspace does not know some of the sessions"},
			words: []string{
				"Ended before that: sAnn.", "had ended it: sBob.", "Not tried: sSvc, sGone.", "run the action again", "Not known: sXyz.",
			},
			progress: 2, alive: []string{"sBob", "sSvc", "sGone"},
		},
		"rate limit": {
			account: "none", options: rocketchattest.Options{PermissionRoles: limited, RateLimit: rocketchattest.RateLimit{Calls: 3}},
			config: attributes{"timeouts": attributes{"invoke": "30s"}},
			want:   []string{"error at timeouts.invoke: The rate limit does not let the logout finish in time", "warning at session_ids: The workspace does not know some of the sessions"},
			words:  []string{"`timeouts`", "`api-bypass-rate-limit`", "Ended before that: sAnn, sBob.", "Not tried: sGone."}, progress: 3, alive: []string{"sSvc", "sGone"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.options.Sessions = fourSessions()
			w := newWorkspace(t, c.options)
			if c.fault != nil {
				w.Fault(c.fault)
			}
			config := attributes{"session_ids": everything, "timeouts": c.config["timeouts"]}
			progress, got := configured(t, w, c.account, attributes{"max_retries": 0}).invoke(t.Context(), t, config)
			wantReport(t, c.want, got)
			mustContain(t, details(got), c.words...)
			mustNotContain(t, details(got), "`search`", "Max Record Amount", "%!")
			if len(progress) != c.progress {
				t.Errorf("progress is %v, want %d messages", progress, c.progress)
			}
			if diff := cmp.Diff(c.alive, alive(w)); diff != "" {
				t.Errorf("sessions alive (-want +got):\n%s", diff)
			}
		})
	}
}

// Ten calls a minute are waited for, by the provider's clock.
func TestLogoutSession_waitsForTheRateLimit(t *testing.T) {
	t.Parallel()
	accounts := []rocketchattest.Account{accountOf("none")}
	accounts[0].Permissions = []string{rocketchattest.PermissionLogout}
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 25, Accounts: accounts})
	var ids []any
	for _, id := range alive(w) {
		ids = append(ids, id)
	}
	progress, got := configured(t, w, "none", nil).invoke(t.Context(), t, attributes{"session_ids": ids})
	wantReport(t, []string{"warning at -: The provider waited for the rate limit of the workspace"}, got)
	if left := alive(w); len(left) > 0 || len(progress) != 25 {
		t.Errorf("%d messages, and alive are %v", len(progress), left)
	}
	if w.clock.Slept() == 0 {
		t.Error("25 calls did not wait for a limit of ten")
	}
	for _, request := range w.Requests() {
		if request.Status == http.StatusTooManyRequests {
			t.Error("a call was refused by the rate limit")
		}
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
	if len(diagnostics) > 0 {
		t.Fatal(details(diagnostics))
	}
	var rows []tftypes.Value
	if err := listed["sessions"].As(&rows); err != nil {
		t.Fatal(err)
	}
	// Before release 6.6 a session can lack its id.
	found := []cty.Value{cty.ObjectVal(map[string]cty.Value{"session_id": cty.NullVal(cty.String)})}
	for _, row := range rows {
		var id string
		if err := object(t, row)["session_id"].As(&id); err != nil {
			t.Fatal(err)
		}
		found = append(found, cty.ObjectVal(map[string]cty.Value{"session_id": cty.StringVal(id)}))
	}

	config := actionConfig(t, "actions/rocketchat_logout_session/action.tf", cty.ListVal(found))
	if got := s.validateAction(t, config); len(got) > 0 {
		t.Fatal(details(got))
	}
	if _, got := s.invoke(t.Context(), t, config); len(got) > 0 {
		t.Fatal(details(got))
	}
	if diff := cmp.Diff([]string{"sAnn", "sBob"}, alive(w)); diff != "" {
		t.Errorf("sessions alive (-want +got):\n%s", diff)
	}
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
				if diff := cmp.Diff([]string{"sAnn", "sBob"}, alive(w)); diff != "" {
					return fmt.Errorf("sessions alive (-want +got):\n%s", diff)
				}
				return nil
			},
		}},
	})
}
