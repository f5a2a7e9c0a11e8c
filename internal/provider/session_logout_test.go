// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const logoutName = "rocketchat_session_logout"

// logoutResource is a resource as Terraform holds it between two runs.
type logoutResource struct {
	*server
	t     *testing.T
	typ   tftypes.Type
	state tftypes.Value
}

func (s *server) logoutResource(t *testing.T) *logoutResource {
	t.Helper()
	typ := s.schema.ResourceSchemas[logoutName].ValueType()
	return &logoutResource{server: s, t: t, typ: typ, state: tftypes.NewValue(typ, nil)}
}

// on is the resource in a later run of Terraform, which is another process.
func (l *logoutResource) on(s *server) *logoutResource {
	return &logoutResource{server: s, t: l.t, typ: l.typ, state: l.state}
}

func (l *logoutResource) encode(value tftypes.Value) *tfprotov6.DynamicValue {
	l.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(l.typ, value)
	if err != nil {
		l.t.Fatal(err)
	}
	return &encoded
}

func (l *logoutResource) decode(encoded *tfprotov6.DynamicValue) tftypes.Value {
	l.t.Helper()
	value, err := encoded.Unmarshal(l.typ)
	if err != nil {
		l.t.Fatal(err)
	}
	return value
}

// plan returns the planned value, as Terraform checks it: the set is that of the configuration
// or of the state.
func (l *logoutResource) plan(config attributes) (planned tftypes.Value, diagnostics []*tfprotov6.Diagnostic) {
	l.t.Helper()
	configured := build(l.t, l.typ, config)
	resp, err := l.PlanResourceChange(l.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: logoutName, PriorState: l.encode(l.state), ProposedNewState: l.encode(configured), Config: l.encode(configured),
	})
	if err != nil {
		l.t.Fatal(err)
	}
	if len(resp.RequiresReplace) > 0 {
		l.t.Errorf("the plan replaces the resource because of %v", resp.RequiresReplace)
	}
	planned = l.decode(resp.PlannedState)
	if ids := object(l.t, planned)["session_ids"]; !ids.Equal(object(l.t, configured)["session_ids"]) &&
		(l.state.IsNull() || !ids.Equal(object(l.t, l.state)["session_ids"])) {
		l.t.Errorf("Terraform refuses the plan of %v", ids)
	}
	return planned, resp.Diagnostics
}

// apply brings what a plan has, with the values that were unknown.
func (l *logoutResource) apply(planned tftypes.Value, config attributes) []*tfprotov6.Diagnostic {
	l.t.Helper()
	fields := maps.Clone(object(l.t, planned))
	for name, field := range fields {
		if !field.IsFullyKnown() {
			fields[name] = object(l.t, build(l.t, l.typ, config))[name]
		}
	}
	planned = tftypes.NewValue(l.typ, fields)
	resp, err := l.ApplyResourceChange(l.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: logoutName, PriorState: l.encode(l.state), PlannedState: l.encode(planned), Config: l.encode(build(l.t, l.typ, config)),
	})
	if err != nil {
		l.t.Fatal(err)
	}
	l.state = l.decode(resp.NewState)
	if !hasError(resp.Diagnostics) && !l.state.Equal(planned) {
		l.t.Errorf("Terraform refuses the state %v after the plan %v", l.state, planned)
	}
	return resp.Diagnostics
}

// planAndApply does both, and must do so without an error.
func (l *logoutResource) planAndApply(config attributes) []*tfprotov6.Diagnostic {
	l.t.Helper()
	planned, diagnostics := l.plan(config)
	if hasError(diagnostics) {
		l.t.Fatal(details(diagnostics))
	}
	return append(diagnostics, l.apply(planned, config)...)
}

func (l *logoutResource) refresh() []*tfprotov6.Diagnostic {
	l.t.Helper()
	resp, err := l.ReadResource(l.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: logoutName, CurrentState: l.encode(l.state)})
	if err != nil {
		l.t.Fatal(err)
	}
	l.state = l.decode(resp.NewState)
	return resp.Diagnostics
}

func (l *logoutResource) remove() []*tfprotov6.Diagnostic {
	l.t.Helper()
	null := tftypes.NewValue(l.typ, nil)
	planned, err := l.PlanResourceChange(l.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: logoutName, PriorState: l.encode(l.state), ProposedNewState: l.encode(null), Config: l.encode(null),
	})
	if err != nil {
		l.t.Fatal(err)
	}
	resp, err := l.ApplyResourceChange(l.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: logoutName, PriorState: l.encode(l.state), PlannedState: planned.PlannedState, Config: l.encode(null),
	})
	if err != nil {
		l.t.Fatal(err)
	}
	l.state = null
	return append(planned.Diagnostics, resp.Diagnostics...)
}

// idsOf are the IDs of a planned or stored value, sorted.
func (l *logoutResource) idsOf(value tftypes.Value) []string {
	l.t.Helper()
	var elements []tftypes.Value
	if err := object(l.t, value)["session_ids"].As(&elements); err != nil {
		l.t.Fatal(err)
	}
	ids := []string{}
	for _, element := range elements {
		var id string
		if err := element.As(&id); err != nil {
			l.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func anyOf(ids []string) []any {
	all := []any{}
	for _, id := range ids {
		all = append(all, id)
	}
	return all
}

func wantIDs(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// unlimited is a configuration for many sessions.
func unlimited(ids []string) attributes {
	return attributes{"session_ids": anyOf(ids), "max_logouts": 1000}
}

func TestSessionLogout_endsEachOnceAndIsAtRest(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{Release: release, Synthetic: 60})
			ids := alive(w)[:30]
			slices.Sort(ids)
			l := w.behindTOTP(t).logoutResource(t)
			planned, diagnostics := l.plan(unlimited(ids))
			wantReport(t, []string{}, diagnostics)
			wantIDs(t, "planned", ids, l.idsOf(planned))
			wantReport(t, []string{}, l.apply(planned, unlimited(ids)))
			wantIDs(t, "ended", ids, logouts(w))
			if left := alive(w); len(left) != 30 {
				t.Errorf("%d sessions are left", len(left))
			}
			// Whether the configuration still has them, or none, or some.
			for _, config := range []attributes{unlimited(ids), unlimited(nil), unlimited(ids[3:5])} {
				l = l.on(w.behindTOTP(t))
				wantReport(t, []string{}, l.refresh())
				planned, diagnostics := l.plan(config)
				wantReport(t, []string{}, diagnostics)
				if !planned.Equal(l.state) {
					t.Errorf("the plan changes %v to %v", l.state, planned)
				}
			}
			wantIDs(t, "ended", ids, logouts(w))
			wantReport(t, []string{}, l.remove())
			wantIDs(t, "ended", ids, logouts(w))
		})
	}
}

// Only what the state does not have is ended, and the limit counts only that.
func TestSessionLogout_endsWhatIsNew(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	l := configured(t, w, "none", nil).logoutResource(t)
	one := func(ids ...string) attributes { return attributes{"session_ids": anyOf(ids), "max_logouts": 1} }
	for _, config := range []attributes{one("sAnn"), one("sAnn", "sBob"), one("sSvc", "sBob")} {
		wantReport(t, []string{}, l.planAndApply(config))
		wantReport(t, []string{}, l.refresh())
	}
	wantIDs(t, "ended", []string{"sAnn", "sBob", "sSvc"}, logouts(w))
	wantIDs(t, "state", []string{"sBob", "sSvc"}, l.idsOf(l.state))
}

// A workspace that confirms a logout and still lists the session is asked again by the next apply.
func TestSessionLogout_triesAgainWhatIsStillListed(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	w.Fault(onLogout(1, rocketchattest.FaultResponse(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, `{"sessionId":"sAnn","success":true}`)))
	l := configured(t, w, "none", nil).logoutResource(t)
	config := attributes{"session_ids": []any{"sAnn", "sBob"}}
	wantReport(t, []string{}, l.planAndApply(config))
	wantReport(t, []string{}, l.refresh())
	wantIDs(t, "state", []string{"sBob"}, l.idsOf(l.state))
	wantReport(t, []string{}, l.planAndApply(config))
	wantIDs(t, "ended", []string{"sAnn", "sBob", "sAnn"}, logouts(w))
	wantReport(t, []string{}, l.refresh())
	if planned, _ := l.plan(config); !planned.Equal(l.state) {
		t.Errorf("the plan changes %v to %v", l.state, planned)
	}
}

func TestSessionLogout_stopsAboveItsLimit(t *testing.T) {
	t.Parallel()
	tooMany := []string{"error at max_logouts: Too many sessions to end"}
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 40})
	ids := alive(w)
	for name, c := range map[string]struct {
		config attributes
		words  []string
	}{
		"many": {attributes{"session_ids": anyOf(ids[:21]), "max_logouts": 20}, []string{"21 sessions", "`max_logouts` = 20", " and 11 more"}},
		"one":  {attributes{"session_ids": anyOf(ids[:2]), "max_logouts": 1}, []string{"2 sessions", "`max_logouts` = 1", ids[0], ids[1]}},
		"none": {attributes{"session_ids": anyOf(ids[:1]), "max_logouts": 0}, []string{"1 session would", ids[0]}},
	} {
		_, got := configured(t, w, "none", nil).logoutResource(t).plan(c.config)
		wantReport(t, tooMany, got)
		mustContain(t, details(got), c.words...)
		// What a plan does not know is counted by the apply, before its first call.
		for _, unknownThen := range []attributes{
			{"session_ids": unknown{}, "max_logouts": c.config["max_logouts"]},
			{"session_ids": []any{unknown{}}, "max_logouts": c.config["max_logouts"]},
			{"session_ids": c.config["session_ids"], "max_logouts": unknown{}},
		} {
			l := configured(t, w, "none", nil).logoutResource(t)
			planned, got := l.plan(unknownThen)
			wantReport(t, []string{}, got)
			if got := l.apply(planned, c.config); !cmp.Equal(tooMany, report(got)) || !l.state.IsNull() {
				t.Errorf("%s: the apply says %v, and the state is %v", name, report(got), l.state)
			}
		}
	}
	_, got := configured(t, w, "none", nil).logoutResource(t).plan(attributes{"session_ids": anyOf(ids[:21])})
	wantReport(t, tooMany, got)
	wantIDs(t, "ended", []string{}, logouts(w))
	wantReport(t, []string{}, configured(t, w, "none", nil).logoutResource(t).planAndApply(attributes{"session_ids": anyOf(ids[:20])}))
	if left := alive(w); len(left) != 20 {
		t.Errorf("%d sessions are left", len(left))
	}
}

// A failure keeps what was ended, and the next apply goes on there: of a resource that was
// there before, and of one that Terraform replaces because its first apply failed.
func TestSessionLogout_goesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	for _, first := range []bool{true, false} {
		t.Run(fmt.Sprintf("first apply %t", first), func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
			l := configured(t, w, "none", nil).logoutResource(t)
			config, ended := attributes{"session_ids": []any{"sAnn", "sBob", "sSvc", "sGone"}}, []string{"sAnn", "sBob"}
			if !first {
				wantReport(t, []string{}, l.planAndApply(attributes{"session_ids": []any{"sGone"}}))
				ended = append(ended, "sGone")
			}
			// In the order of the IDs: sAnn, sBob, sGone, sSvc.
			w.Fault(onLogout(3, rocketchattest.FaultResponse(http.StatusForbidden, nil, `{"success":false,"error":"not now"}`)))
			got := l.planAndApply(config)
			if len(got) != 1 || !hasError(got) {
				t.Fatal(details(got))
			}
			words := []string{"Ended before that: sAnn, sBob.", "had ended it: sGone.", "Not tried: sSvc.", "The next apply ends the others"}
			if !first {
				words = []string{"Ended before that: sAnn, sBob.", "had ended it: sSvc.", "The next apply ends the others"}
			}
			mustContain(t, details(got), words...)
			wantIDs(t, "state", ended, l.idsOf(l.state))

			w.Fault(nil)
			l = l.on(configured(t, w, "none", nil))
			wantReport(t, []string{}, l.refresh())
			before := len(logouts(w))
			if first {
				wantReport(t, []string{}, l.remove())
			}
			wantReport(t, []string{}, l.planAndApply(config))
			rest := []string{"sGone", "sSvc"}
			if !first {
				rest = rest[1:]
			}
			wantIDs(t, "ended in the next apply", rest, logouts(w)[before:])
			wantIDs(t, "state", []string{"sAnn", "sBob", "sGone", "sSvc"}, l.idsOf(l.state))
		})
	}
}

// Nothing is stored of a first apply that has ended nothing.
func TestSessionLogout_storesNothingIfNothingHasEnded(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions(), NoLicense: true})
	l := configured(t, w, "none", nil).logoutResource(t)
	wantReport(t, []string{"error at -: The workspace has no license for device management"}, l.planAndApply(attributes{"session_ids": []any{"sAnn"}}))
	if !l.state.IsNull() {
		t.Errorf("the state is %v", l.state)
	}
}

func TestSessionLogout_mistakes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	validate := func(t *testing.T, config attributes) []*tfprotov6.Diagnostic {
		t.Helper()
		resp, err := s.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: logoutName, Config: dynamic(t, s.schema.ResourceSchemas[logoutName].ValueType(), config),
		})
		if err != nil {
			t.Fatal(err)
		}
		return resp.Diagnostics
	}
	wantMistakes(t, validate, map[string]mistake{
		"none":            {attributes{"session_ids": []any{}}, nil, nil},
		"one":             {attributes{"session_ids": []any{"sAnn"}, "unless_reconnected": true, "max_logouts": 0}, nil, nil},
		"unknown":         {attributes{"session_ids": unknown{}, "unless_reconnected": unknown{}, "max_logouts": unknown{}, "timeouts": unknown{}}, nil, nil},
		"unknown element": {attributes{"session_ids": []any{unknown{}}, "timeouts": attributes{"create": unknown{}}}, nil, nil},
		"missing":         {nil, []string{"error at session_ids: Missing Configuration for Required Attribute"}, nil},
		"null":            {attributes{"session_ids": []any{"sAnn", nil}}, []string{"error at session_ids: Unusable session ID"}, []string{"An element of `session_ids` is null", "before 6.6"}},
		"blank":           {attributes{"session_ids": []any{"sAnn "}}, []string{"error at session_ids: Unusable session ID"}, []string{"An element of `session_ids` is \"sAnn \""}},
		"negative":        {attributes{"session_ids": []any{"sAnn"}, "max_logouts": -1}, []string{"error at max_logouts: Invalid Attribute Value"}, nil},
		"timeouts":        {attributes{"session_ids": []any{"sAnn"}, "timeouts": attributes{"create": "5m", "read": "1m", "update": "1h"}}, nil, nil},
		"no timeout":      {attributes{"session_ids": []any{"sAnn"}, "timeouts": attributes{"update": "0s"}}, []string{"error at timeouts.update: Unusable duration"}, nil},
	})
}

// An apply brings what a plan did not know, and checks it.
func TestSessionLogout_checksWhatWasUnknown(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	l := configured(t, w, "none", nil).logoutResource(t)
	planned, got := l.plan(attributes{"session_ids": []any{"sAnn", unknown{}}})
	wantReport(t, []string{}, got)
	for _, id := range []any{nil, " "} {
		if got := l.apply(planned, attributes{"session_ids": []any{"sAnn", id}}); len(got) != 1 || got[0].Summary != "Unusable session ID" {
			t.Error(details(got))
		}
	}
	wantIDs(t, "ended", []string{}, logouts(w))
	wantReport(t, []string{}, l.apply(planned, attributes{"session_ids": []any{"sAnn", "sBob"}}))
	wantIDs(t, "ended", []string{"sAnn", "sBob"}, logouts(w))
}

func TestSessionLogout_hasNothingToImport(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.configure(t, nil)
	resp, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: logoutName, ID: "sAnn"})
	if err != nil {
		t.Fatal(err)
	}
	wantReport(t, []string{"error at -: There is nothing to import"}, resp.Diagnostics)
	mustContain(t, details(resp.Diagnostics), "without an import", "counts as done")
}

// A refresh shares the read of the list with data sources, and asks nothing if the state is empty.
func TestSessionLogout_refreshSharesTheList(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	l := configured(t, w, "none", nil).logoutResource(t)
	wantReport(t, []string{}, l.planAndApply(attributes{"session_ids": []any{}}))
	wantReport(t, []string{}, l.refresh())
	if len(w.Requests()) > 0 {
		t.Errorf("nothing was ended, and the workspace was asked: %v", w.Requests())
	}
	wantReport(t, []string{}, l.planAndApply(attributes{"session_ids": []any{"sAnn"}}))
	l = l.on(configured(t, w, "none", nil))
	before := len(w.Requests())
	if _, diagnostics := l.readSessions(t.Context(), t, attributes{"older_than": "30d"}); len(diagnostics) > 0 {
		t.Fatal(details(diagnostics))
	}
	wantReport(t, []string{}, l.refresh())
	if asked := len(w.Requests()) - before; asked != 1 {
		t.Errorf("a data source and a refresh took %d calls", asked)
	}
	w.Fault(rocketchattest.FaultResponse(http.StatusBadGateway, nil, ""))
	l = l.on(configured(t, w, "none", attributes{"max_retries": 0}))
	wantReport(t, []string{"error at -: The gateway cannot reach the workspace"}, l.refresh())
	wantIDs(t, "state", []string{"sAnn"}, l.idsOf(l.state))
}

// Ten calls a minute are waited for, and the timeout of each kind of apply counts.
func TestSessionLogout_waitsForTheRateLimit(t *testing.T) {
	t.Parallel()
	accounts := []rocketchattest.Account{accountOf("none")}
	accounts[0].Permissions = []string{rocketchattest.PermissionLogout, rocketchattest.PermissionView}
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 25, Accounts: accounts})
	ids := alive(w)
	l := configured(t, w, "none", nil).logoutResource(t)
	config := unlimited(ids)
	config["timeouts"] = attributes{"create": "30s"}
	planned, diagnostics := l.plan(config)
	wantReport(t, []string{}, diagnostics)
	wantReport(t, []string{"error at timeouts.create: The rate limit does not let the logout finish in time"}, l.apply(planned, config))
	ended := len(l.idsOf(l.state))
	if ended != 10 {
		t.Errorf("%d sessions have ended", ended)
	}
	config["timeouts"] = attributes{"update": "30m", "create": "1s"}
	wantReport(t, []string{"warning at -: The provider waited for the rate limit of the workspace"}, l.planAndApply(config))
	if left := alive(w); len(left) > 0 || w.clock.Slept() == 0 || len(logouts(w)) != 25 {
		t.Errorf("%d sessions are left after %d logouts", len(left), len(logouts(w)))
	}
}

// factories run the provider in the test's process.
func (w *workspace) factories() map[string]func() (tfprotov6.ProviderServer, error) {
	serve := NewServer("test", WithClock(w.clock), WithEnv(noEnv))
	return map[string]func() (tfprotov6.ProviderServer, error){"rocketchat": func() (tfprotov6.ProviderServer, error) { return serve(), nil }}
}

// The example of the documentation, through the CLI: once, and at rest afterwards.
func TestAccSessionLogout_example(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	const name = logoutName + ".stale"
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps: []resource.TestStep{
			{
				Config: w.provider("none") + example(t, "resources/rocketchat_session_logout/resource.tf"),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(name, plancheck.ResourceActionCreate)},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(name, tfjsonpath.New("session_ids"), knownvalue.SetExact([]knownvalue.Check{
						knownvalue.StringExact("sGone"), knownvalue.StringExact("sSvc"),
					})),
				},
			},
			{ResourceName: name, ImportState: true, ImportStateId: "sAnn", ExpectError: regexp.MustCompile("There is nothing to import")},
		},
	})
	wantIDs(t, "ended", []string{"sGone", "sSvc"}, logouts(w))
}
