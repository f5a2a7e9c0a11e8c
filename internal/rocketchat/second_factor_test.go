// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const (
	totp     = rocketchat.MethodTOTP
	email    = rocketchat.MethodEmail
	password = rocketchat.MethodPassword
	// noMethod is that of a code whose method is left open.
	noMethod      rocketchat.Method = ""
	rightSecret                     = rocketchattest.DefaultTOTPSecret
	rightPassword                   = rocketchattest.DefaultPassword
	// wrongSecret is base32, and nobody's.
	wrongSecret = "MFRGGZDFMZTWQ2LK"
	wrongCode   = "no-such-code"
)

var withPassword = rocketchat.TwoFactor{Password: rightPassword}

// factorCase is a read of two pages behind a second factor.
type factorCase struct {
	account string
	// token is the name of a further token of the account.
	token   string
	options func(*rocketchattest.Options)
	config  rocketchat.TwoFactor
	// secret is the TOTP secret of config.
	secret string
	// prepare may replace the code of config, as a user does between two runs.
	prepare func(t *testing.T, w *rocketchattest.Workspace) string

	// refused and granted are the responses, 400 and 200, that it takes.
	refused, granted int
	// fails is nil where both pages come. mailed has it name who got a code, and expires
	// the time when a code that was mailed before expires.
	fails           *rocketchat.SecondFactorError
	mailed, expires bool
	// off is how far the error says that the clocks differ.
	off   time.Duration
	mails int
	// methods are the headers X-2fa-Method of all requests, where they matter.
	methods []string
	// releases picks those that the case is about; nil is all.
	releases func(rocketchattest.Release) bool
}

func remembering(r rocketchattest.Release) bool { return r.RemembersSecondFactor() }
func forgetting(r rocketchattest.Release) bool  { return !r.RemembersSecondFactor() }

func never(o *rocketchattest.Options) { o.RememberFor = new(time.Duration) }

func ahead(d time.Duration) func(*rocketchattest.Options) {
	return func(o *rocketchattest.Options) { o.ClockSkew = d; never(o) }
}

func mailedCode(t *testing.T, w *rocketchattest.Workspace) string {
	t.Helper()
	_, err := newClient(t, w.Transport(), account(w, "email")).WorkspaceSessions(t.Context(), "", everything)
	_ = as[*rocketchat.SecondFactorError](t, err)
	return w.Mails()[0].Code
}

// wrongMailedCode is another one than the workspace has mailed.
func wrongMailedCode(t *testing.T, w *rocketchattest.Workspace) string {
	t.Helper()
	mailedCode(t, w)
	return wrongCode
}

// required is an error where nothing was sent.
func required(demanded rocketchat.Method, available ...rocketchat.Method) *rocketchat.SecondFactorError {
	return &rocketchat.SecondFactorError{
		Problem: rocketchat.SecondFactorRequired, Demanded: demanded, Available: append([]rocketchat.Method{}, available...),
	}
}

// invalid is an error where a code was sent, which the client has computed if it is for TOTP.
func invalid(demanded, sent rocketchat.Method, available ...rocketchat.Method) *rocketchat.SecondFactorError {
	return &rocketchat.SecondFactorError{
		Problem: rocketchat.SecondFactorInvalid, Demanded: demanded, Sent: sent, CodeSent: true, Computed: sent == totp,
		Available: append([]rocketchat.Method{}, available...),
	}
}

var factorCases = map[string]factorCase{
	"TOTP":                                          {account: "totp", secret: rightSecret, granted: 2, methods: []string{"totp", "totp"}},
	"TOTP, never remembered":                        {account: "totp", secret: rightSecret, options: never, granted: 2},
	"TOTP, server clock three minutes ahead":        {account: "totp", secret: rightSecret, options: ahead(3 * time.Minute), refused: 1, granted: 2},
	"TOTP, server clock three minutes behind":       {account: "totp", secret: rightSecret, options: ahead(-3 * time.Minute), refused: 1, granted: 2},
	"TOTP, server clock a step ahead":               {account: "totp", secret: rightSecret, options: ahead(30 * time.Second), granted: 2},
	"TOTP, wrong secret":                            {account: "totp", secret: wrongSecret, refused: 1, fails: invalid(totp, totp, totp)},
	"TOTP, wrong secret and clock":                  {account: "totp", secret: wrongSecret, options: ahead(3 * time.Minute), refused: 2, fails: invalid(totp, totp, totp), off: 3 * time.Minute},
	"TOTP demanded, nothing configured":             {account: "totp", refused: 1, fails: required(totp, totp)},
	"TOTP demanded, password configured":            {account: "totp", config: withPassword, refused: 1, fails: invalid(totp, password, totp)},
	"TOTP demanded, password and secret configured": {account: "totp", config: withPassword, secret: rightSecret, granted: 2},
	"TOTP demanded, password preferred": {
		account: "totp", secret: rightSecret, options: never,
		config:  rocketchat.TwoFactor{Password: rightPassword, Method: password},
		refused: 1, granted: 2, methods: []string{"password", "totp", "totp"},
	},
	"TOTP demanded, method without its code": {
		account: "totp", config: rocketchat.TwoFactor{Method: totp}, refused: 1, methods: []string{"totp"},
		fails: &rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorRequired, Demanded: totp, Sent: totp, Available: []rocketchat.Method{totp}},
	},
	"TOTP as a code, method left open": {
		account: "totp", granted: 2, methods: []string{"", ""},
		prepare: func(_ *testing.T, w *rocketchattest.Workspace) string { return w.Account("totp").TOTP(time.Now()) },
	},
	"backup code":                                 {account: "totp", releases: remembering, config: rocketchat.TwoFactor{Code: "BACKUP01"}, granted: 2},
	"backup code, never remembered":               {account: "totp", config: rocketchat.TwoFactor{Code: "BACKUP01"}, options: never, granted: 1, refused: 1, fails: invalid(totp, noMethod, totp)},
	"TOTP secret wrong, right code":               {account: "totp", secret: wrongSecret, config: rocketchat.TwoFactor{Code: "BACKUP02"}, refused: 1, fails: invalid(totp, totp, totp)},
	"TOTP and e-mail account":                     {account: "both", secret: rightSecret, options: never, granted: 2},
	"TOTP and e-mail account, nothing configured": {account: "both", refused: 1, fails: required(totp, totp, email)},

	"password":                              {account: "password", config: withPassword, options: never, granted: 2, methods: []string{"password", "password"}},
	"password wrong":                        {account: "password", config: rocketchat.TwoFactor{Password: "not-the-password"}, refused: 1, fails: invalid(password, password)},
	"password demanded, nothing configured": {account: "password", refused: 1, fails: required(password)},
	"password demanded, TOTP configured":    {account: "password", secret: rightSecret, refused: 1, fails: invalid(totp, totp)},
	"password demanded, TOTP and password configured": {
		account: "password", secret: rightSecret, options: never,
		config:  withPassword,
		refused: 1, granted: 2, methods: []string{"totp", "password", "password"},
	},
	"password demanded, code configured": {
		account: "password", config: rocketchat.TwoFactor{Code: wrongCode, Password: rightPassword},
		options: never, refused: 1, granted: 2, methods: []string{"", "password", "password"},
	},

	"e-mail demanded, nothing configured": {account: "email", refused: 1, mails: 1, fails: required(email, email), mailed: true},
	"e-mail demanded, mailed already": {
		account: "email", refused: 2, mails: 1,
		prepare: func(t *testing.T, w *rocketchattest.Workspace) string { mailedCode(t, w); return "" },
		fails:   required(email, email), expires: true,
	},
	"e-mail code": {account: "email", releases: remembering, prepare: mailedCode, refused: 1, granted: 2, mails: 1, methods: []string{"", "", ""}},
	"e-mail code without its dash": {
		account: "email", releases: remembering, refused: 1, granted: 2, mails: 1,
		prepare: func(t *testing.T, w *rocketchattest.Workspace) string {
			return strings.ReplaceAll(mailedCode(t, w), "-", "")
		},
	},
	"e-mail code, method set": {
		account: "email", releases: remembering, config: rocketchat.TwoFactor{Method: email}, prepare: mailedCode, refused: 1, granted: 2, mails: 1,
		methods: []string{"", "email", "email"},
	},
	"e-mail code, never remembered": {account: "email", options: never, prepare: mailedCode, refused: 2, granted: 1, mails: 2, fails: invalid(email, noMethod, email), mailed: true},
	"e-mail code wrong":             {account: "email", refused: 2, mails: 1, prepare: wrongMailedCode, fails: invalid(email, noMethod, email), expires: true},
	"e-mail code wrong, method set": {
		account: "email", config: rocketchat.TwoFactor{Method: email}, refused: 2, mails: 1,
		prepare: wrongMailedCode,
		fails:   invalid(email, email, email), expires: true,
	},
	"e-mail code wrong for the fifth time": {
		account: "email", refused: 6, mails: 1,
		prepare: func(t *testing.T, w *rocketchattest.Workspace) string {
			mailedCode(t, w)
			for range 4 {
				wrong := newClient(t, w.Transport(), account(w, "email"), twoFactor(rocketchat.TwoFactor{Code: wrongCode}))
				_, err := wrong.WorkspaceSessions(t.Context(), "", everything)
				_ = as[*rocketchat.SecondFactorError](t, err)
			}
			return wrongCode
		},
		fails: &rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorMaxAttempts, Demanded: email, CodeSent: true, Available: []rocketchat.Method{email}}, expires: true,
	},
	"e-mail demanded, TOTP configured": {account: "email", secret: rightSecret, refused: 1, fails: invalid(totp, totp, email)},
	"e-mail demanded, TOTP and code configured": {
		account: "email", releases: remembering, secret: rightSecret, prepare: mailedCode,
		refused: 2, granted: 2, mails: 1, methods: []string{"", "totp", "email", "email"},
	},
	"e-mail demanded, password configured": {account: "email", config: withPassword, refused: 1, mails: 1, fails: invalid(email, password, email), mailed: true},
	"e-mail set for an account with TOTP": {
		account: "totp", secret: rightSecret, config: rocketchat.TwoFactor{Method: email}, options: never,
		refused: 1, granted: 2, mails: 1, methods: []string{"email", "totp", "totp"},
	},

	"no second factor":                               {account: "none", granted: 2, methods: []string{"", ""}},
	"no second factor, TOTP configured":              {account: "none", secret: rightSecret, refused: 1, fails: invalid(totp, totp)},
	"no second factor, password configured":          {account: "none", config: withPassword, granted: 2},
	"no second factor, TOTP and password configured": {account: "none", secret: rightSecret, config: withPassword, refused: 1, granted: 2},

	"personal access token that bypasses":                       {account: "totp", releases: remembering, token: "patbypass", granted: 2},
	"personal access token that bypasses, wrong secret":         {account: "totp", releases: remembering, token: "patbypass", secret: wrongSecret, granted: 2},
	"personal access token that bypasses, release that forgets": {account: "totp", token: "patbypass", refused: 1, releases: forgetting, fails: required(totp, totp)},
	"personal access token that does not":                       {account: "totp", token: "pat", refused: 1, fails: required(totp, totp)},
	"user who has just registered":                              {account: "fresh", releases: remembering, granted: 2},
	"switched off for the workspace":                            {account: "totp", granted: 2, options: func(o *rocketchattest.Options) { o.TwoFactorOff = true }},
	"password fallback switched off":                            {account: "password", granted: 2, options: func(o *rocketchattest.Options) { o.PasswordFallbackOff = true }},
}

func TestSecondFactor_methods(t *testing.T) {
	t.Parallel()
	eachByRelease(t, factorCases, func(t *testing.T, tc factorCase, release rocketchattest.Release) {
		if tc.releases == nil || tc.releases(release) {
			tc.run(t, release)
		}
	})
}

func (tc *factorCase) begin(t *testing.T, options rocketchattest.Options) (*rocketchattest.Workspace, *rocketchat.Client) {
	t.Helper()
	if tc.options != nil {
		tc.options(&options)
	}
	w := rocketchattest.New(options)
	config := tc.config
	if tc.secret != "" {
		config.TOTP = parseSecret(t, tc.secret)
	}
	if tc.prepare != nil {
		config.Code = tc.prepare(t, w)
	}
	return w, newClient(t, w.Transport(), account(w, tc.account), twoFactor(config), func(c *rocketchat.Config) {
		if tc.token != "" {
			c.AuthToken = w.Account(tc.account).TokenOf(tc.token)
		}
	})
}

func (tc *factorCase) run(t *testing.T, release rocketchattest.Release) {
	t.Helper()
	w, client := tc.begin(t, rocketchattest.Options{Release: release, Synthetic: 15, UpperCount: 10})
	began := time.Now()
	listing, err := client.WorkspaceSessions(t.Context(), "", everything)
	if waited := time.Since(began); waited > 0 {
		t.Errorf("a wait of %v, though no other credential needs one", waited)
	}
	if tc.fails == nil {
		if err != nil || len(listing.Sessions) != 15 {
			t.Errorf("WorkspaceSessions: %v", err)
		}
	} else {
		want := *tc.fails
		want.Request, want.At, want.ClockDifference = listRequest, time.Now(), tc.off
		if tc.mailed {
			want.MailSentTo = release.MailNames(w.Account(tc.account))
		}
		if tc.expires {
			want.CodeExpires = start.Add(time.Hour)
		}
		if diff := cmp.Diff(&want, as[*rocketchat.SecondFactorError](t, err), roughly); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	}

	var methods []string
	for _, r := range w.Requests() {
		methods = append(methods, r.Header.Get("X-2fa-Method"))
	}
	refused, granted := count(w, http.StatusBadRequest), count(w, http.StatusOK)
	if refused != tc.refused || granted != tc.granted || refused+granted != len(methods) || len(w.Mails()) != tc.mails {
		t.Errorf("statuses %v, %d mails; want %d refused, %d granted, %d mails", statuses(w), len(w.Mails()), tc.refused, tc.granted, tc.mails)
	}
	if tc.methods != nil && !slices.Equal(methods, tc.methods) {
		t.Errorf("methods sent %q, want %q", methods, tc.methods)
	}
}

// roughly compares what is known to about a second.
var roughly = cmp.Options{
	cmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() <= time.Second }),
	cmp.Comparer(func(a, b time.Time) bool { return a.Sub(b).Abs() <= time.Second }),
}

// TestSecondFactor_isFreshForEachAttempt: a code computed before a long wait
// would be refused after it.
func TestSecondFactor_isFreshForEachAttempt(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{
			Synthetic: 500, RememberFor: new(time.Duration),
			RateLimit: rocketchattest.RateLimit{Calls: 1, Window: 10 * time.Minute},
		})
		client := newClient(t, w.Transport(), account(w, "viewtotp"), withTOTP(t),
			func(c *rocketchat.Config) { c.MaxConcurrentRequests = 1 })
		read(t, client)
		codes := map[string]bool{}
		for _, r := range w.Requests() {
			if r.Status != http.StatusOK {
				t.Errorf("a response with status %d", r.Status)
			}
			codes[r.Header.Get("X-2fa-Code")] = true
		}
		if len(codes) != len(w.Requests()) {
			t.Errorf("%d codes for %d requests that lie ten minutes apart", len(codes), len(w.Requests()))
		}
	})
}

// TestSecondFactor_isRememberedAcrossReads: what the account took is sent first
// from then on.
func TestSecondFactor_isRememberedAcrossReads(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{RememberFor: new(time.Duration), ClockSkew: -3 * time.Minute})
		client := newClient(t, w.Transport(), account(w, "totp"), withTOTP(t))
		read(t, client)
		time.Sleep(time.Hour)
		read(t, client)
		if _, err := client.WorkspaceSession(t.Context(), *read(t, client).Sessions[0].SessionID); err != nil {
			t.Errorf("WorkspaceSession: %v", err)
		}
		if got, want := statuses(w), []int{400, 200, 200, 200}; !slices.Equal(got, want) {
			t.Errorf("statuses %v, want %v", got, want)
		}
	})
}

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

// TestCode_isUsedOnceAtATime: the first use of a code is alone, over all routes and searches.
func TestCode_isUsedOnceAtATime(t *testing.T) {
	t.Parallel()
	each(t, map[string]factorCase{
		"a valid code of an e-mail": {account: "email", prepare: mailedCode, refused: 1}, // before it was mailed
		"a wrong code of an e-mail": {account: "email", prepare: wrongMailedCode, refused: 2, fails: invalid(email, noMethod, email)},
		"a backup code":             {account: "totp", config: rocketchat.TwoFactor{Code: "BACKUP01"}},
		"nothing":                   {account: "totp", refused: 1, fails: required(totp, totp)},
		"a clock that is off":       {account: "totp", secret: rightSecret, options: ahead(3 * time.Minute), refused: 1},
		"a wrong secret":            {account: "totp", secret: wrongSecret, refused: 1, fails: invalid(totp, totp, totp)},
	}, func(t *testing.T, tc factorCase) {
		w, client := tc.begin(t, rocketchattest.Options{Synthetic: 20})
		for i, err := range atOnce(t.Context(), client, w.Sessions()[0].SessionID.Value) {
			if tc.fails != nil {
				route := map[int]string{6: "info.admin", 7: "logout"}[i] // its own, whichever call was refused
				if got := as[*rocketchat.SecondFactorError](t, err); got.Problem != tc.fails.Problem || !strings.Contains(got.Request, route) {
					t.Errorf("call %d: %v", i, err)
				}
			} else if err != nil && i != 6 { // the session may have been ended before it is read
				t.Errorf("call %d: %v", i, err)
			}
		}
		if got := count(w, http.StatusBadRequest); got != tc.refused {
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
			if got := count(w, http.StatusBadRequest); got != []int{1, 1, 2, 2}[want] {
				t.Errorf("after read %d: %d calls refused", want, got)
			}
		}
	})
}
