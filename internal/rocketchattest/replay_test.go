// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchattest_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// group is a run of recorded requests against one server process.
type group struct {
	// Started is when the windows of the process's rate limiter began, or, where
	// the limiter was off, when the first request arrived.
	Started time.Time      `json:"started"`
	Options recordedConfig `json:"options"`
	Cases   []recordedCase `json:"cases"`
}

// recordedConfig is how the recorded process was set up.
type recordedConfig struct {
	License          string `json:"license"`
	TwoFactor        string `json:"2fa"`
	PasswordFallback string `json:"password-fallback"`
	RememberSeconds  *int   `json:"remember"`
	InfiniteCount    string `json:"infinite"`
	UpperCount       int    `json:"upper-count"`
	DefaultCount     int    `json:"default-count"`
	RateLimiter      string `json:"rate-limiter"`
	RateCalls        int    `json:"rate-calls"`
	RateMilliseconds int    `json:"rate-time"`
	// BulkSessions are rows beside those that every process has.
	BulkSessions int    `json:"sessions"`
	Edge         string `json:"edge"`
	Documented   string `json:"doc"`
	Outside      string `json:"outside"`
}

// recordedCase is one request and its response.
type recordedCase struct {
	Name    string            `json:"name"`
	At      time.Time         `json:"at"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Query   string            `json:"query"`
	Headers map[string]string `json:"headers"`
	// Unrecorded is how many equal requests went before without being recorded.
	Unrecorded int     `json:"unrecorded"`
	Body       *string `json:"body"`
	// Fault is the database query that was made to fail.
	Fault    string           `json:"fault"`
	Response recordedResponse `json:"answer"`
	// Mails is how many mails the request caused, where that was recorded.
	Mails *int `json:"mails"`
}

type recordedResponse struct {
	Status   int               `json:"status"`
	Type     string            `json:"type"`
	Allow    string            `json:"allow"`
	Encoding string            `json:"content-encoding"`
	Limit    map[string]string `json:"limit"`
	Body     any               `json:"body"`
}

// recordedRow is a session of the recorded processes.
type recordedRow struct {
	Set      string          `json:"set"`
	Token    string          `json:"token"`
	Inactive bool            `json:"inactive"`
	Row      json.RawMessage `json:"row"`
	Differs  differing       `json:"differs"`
}

func (r recordedRow) session(t *testing.T, release rocketchattest.Release) rocketchattest.Session {
	t.Helper()
	var s rocketchattest.Session
	if err := json.Unmarshal(r.Differs.in(release, r.Row), &s); err != nil {
		t.Fatal(err)
	}
	s.LoginToken, s.User.Value.Inactive = r.Token, r.Inactive
	return s
}

func readTestdata(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// recordedResponses is how many responses were recorded when this was written. More
// may come with a release; none may get lost.
const recordedResponses = 904

// exception is a kind of recorded request that is not replayed. Empty fields
// are those of any request.
type exception struct {
	release      rocketchattest.Release
	method, path string
	// name begins those of the requests; query is in theirs.
	name, query string
	// sends is true of the query of each.
	sends func(url.Values) bool
	why   string
}

// covers reports whether a request is of that kind.
func (e exception) covers(release rocketchattest.Release, c recordedCase) bool {
	query, _ := url.ParseQuery(c.Query)
	return (e.release == "" || e.release == release) && (e.method == "" || e.method == c.Method) && strings.HasSuffix(c.Path, e.path) &&
		strings.HasPrefix(c.Name, e.name) && strings.Contains(c.Query, e.query) && (e.sends == nil || e.sends(query))
}

// exceptions are all the recorded requests for sessions that are not replayed.
func exceptions() []exception {
	const uncalled = "the provider never calls it"
	const settings = "settings of the simulated workspace do not change while it runs"
	return []exception{
		{path: "/sessions/info", why: uncalled},
		{path: "/sessions/logout.me", why: uncalled},
		{name: "logout.me: list afterwards", why: "it shows what sessions/logout.me did, which the provider never calls"},
		{method: http.MethodOptions, why: uncalled},
		{method: http.MethodHead, why: uncalled},
		{name: "logout: form body", why: "the provider sends JSON alone"},
		{name: "limiter: default raised from 10 to 100 at run time", release: rocketchattest.Release614, why: settings},
		{
			name: "bad parameter", release: rocketchattest.Release90,
			why: "recorded on the code of 8.6.1 with another version number, before its routes were rewritten for 8.8",
		},
		{name: "info.admin: invalid regex", why: "the provider escapes ids"},
		{name: "query: aaa=%E0%A4%A", why: "the provider encodes its queries"},
		{name: "query: filter=%E0%A4%A", why: "the provider encodes its queries"},
		{query: "sort=", why: "the provider never sorts sessions: the server only sorts each page"},
		{name: "query: filter[a]=b", why: "the provider sends no brackets"},
		{name: "paging: count[]=1", why: "the provider sends no brackets"},
		{name: "paging: count=0x10", why: "the provider sends decimal numbers"},
		{name: "logout: broken JSON", why: "the provider sends whole JSON"},
	}
}

// TestReplay sends every recorded request to a workspace that is set up as the
// recorded server was, and compares the responses, release by release.
func TestReplay(t *testing.T) {
	t.Parallel()
	var rows []recordedRow
	readTestdata(t, "rows.json", &rows)
	all := replay(t, "recorded-", rocketchattest.Releases(), exceptions(), func(t *testing.T, g group, release rocketchattest.Release) {
		t.Helper()
		byID := map[string]json.RawMessage{}
		for _, row := range rows {
			byID[row.session(t, release).SessionID.Value] = row.Differs.in(release, row.Row)
		}
		play(t, g, recordedOptions(t, g, rows, rocketchattest.Options{Release: release}),
			func(c recordedCase) outcome { return c.expected(t, byID) })
	})
	if all < recordedResponses {
		t.Errorf("testdata holds %d recorded responses, want at least %d", all, recordedResponses)
	}
}

// replay replays the recordings of each release, and returns how many there are. Every
// release has some, and what is not replayed has its reason.
func replay(
	t *testing.T, files string, releases []rocketchattest.Release, unserved []exception, play func(*testing.T, group, rocketchattest.Release),
) (all int) {
	t.Helper()
	seen, replayed := make([]int, len(unserved)), 0
	for _, release := range releases {
		var groups []group
		readTestdata(t, files+string(release)+".json", &groups)
		recorded, sent := 0, 0
		for i, g := range groups {
			recorded += len(g.Cases)
			g.Cases = slices.DeleteFunc(g.Cases, func(c recordedCase) bool {
				at := slices.IndexFunc(unserved, func(e exception) bool { return e.covers(release, c) })
				if at >= 0 {
					seen[at]++
				}
				return at >= 0
			})
			sent += len(g.Cases)
			t.Run(fmt.Sprintf("%s/%d", release, i), func(t *testing.T) {
				t.Parallel()
				play(t, g, release)
			})
		}
		if sent == 0 {
			t.Errorf("nothing recorded of %s was replayed", release)
		}
		t.Logf("%-6s %3d of %3d recorded responses replayed", release, sent, recorded)
		all, replayed = all+recorded, replayed+sent
	}
	t.Logf("total  %3d of %3d recorded responses replayed", replayed, all)
	for i, e := range unserved {
		t.Logf("%3d not replayed: %s", seen[i], strings.Join(strings.Fields(
			fmt.Sprint(e.release, " ", e.method, " ", e.path, " ", e.name, " (", e.why, ")")), " "))
		if seen[i] == 0 {
			t.Errorf("no recorded request is not replayed because %s", e.why)
		}
	}
	return all
}

// play sends the requests of a group in sequence.
func play(t *testing.T, g group, o rocketchattest.Options, expected func(recordedCase) outcome) {
	t.Helper()
	hands := clocktest.NewFake(g.Started)
	o.Clock = hands
	w := rocketchattest.New(o)
	for _, c := range g.Cases {
		hands.Advance(c.At.Sub(hands.Now()))
		mails := len(w.Mails())
		var got outcome
		for range c.Unrecorded + 1 {
			response := send(t, w, c)
			got = c.got(t, response)
			_ = response.Body.Close()
		}
		if diff := cmp.Diff(expected(c), got, volatile()); diff != "" {
			t.Errorf("%s (-recorded +simulated):\n%s", c.Name, diff)
		}
		if got := len(w.Mails()) - mails; c.Mails != nil && got != *c.Mails {
			t.Errorf("%s: %d mails, recorded %d", c.Name, got, *c.Mails)
		}
		if want := c.At.Format(http.TimeFormat); got.date != want {
			t.Errorf("%s: Date %q, want %q", c.Name, got.date, want)
		}
	}
}

// settings are those of the recorded process.
func (g group) settings(o rocketchattest.Options) rocketchattest.Options {
	o.NoLicense = g.Options.License == "off"
	o.TwoFactorOff = g.Options.TwoFactor == "off"
	o.PasswordFallbackOff = g.Options.PasswordFallback == "off"
	o.DisallowInfiniteCount = g.Options.InfiniteCount == "off"
	o.ViewOutsideRoomForUsers = g.Options.Outside == "on"
	o.UpperCount, o.DefaultCount = g.Options.UpperCount, g.Options.DefaultCount
	o.RateLimit = rocketchattest.RateLimit{
		Off: g.Options.RateLimiter != "on", Calls: g.Options.RateCalls,
		Window: time.Duration(g.Options.RateMilliseconds) * time.Millisecond,
	}
	if seconds := g.Options.RememberSeconds; seconds != nil {
		remember := time.Duration(*seconds) * time.Second
		o.RememberFor = &remember
	}
	return o
}

func recordedOptions(
	t *testing.T, g group, rows []recordedRow, o rocketchattest.Options,
) rocketchattest.Options {
	t.Helper()
	o = g.settings(o)
	for _, a := range rocketchattest.DefaultAccounts() {
		a.Username = "synth." + a.Username
		o.Accounts = append(o.Accounts, a)
	}
	for _, row := range rows {
		switch {
		case row.Set == "documented" && g.Options.Documented != "off",
			row.Set == "edge" && g.Options.Edge != "off",
			row.Set == fmt.Sprintf("bulk%d", g.Options.BulkSessions):
			o.Sessions = append(o.Sessions, row.session(t, o.Release))
		}
	}
	o.Sessions = append(o.Sessions, unseenRows(o.Sessions, g.Options.BulkSessions)...)
	return o
}

// unseenRows stand for the rows of a bulk set that no recorded response shows:
// logins 61 seconds apart. In the set of sixty, 25 of them belong to two of
// the five users whom the filter "Bulk User" finds, and the others to four of
// the nine whom it passes over.
func unseenRows(seen []rocketchattest.Session, bulk int) []rocketchattest.Session {
	taken := map[time.Time]bool{}
	for _, s := range seen {
		taken[s.LoginAt.Value] = true
	}
	var found, passedOver []rocketchattest.Session
	newest := time.Date(2023, 4, 30, 0, 0, 0, 0, time.UTC)
	const apart = 61 * time.Second
	for i := range bulk { // the rows that were seen have the same times
		at := newest.Add(-time.Duration(i) * apart)
		if taken[at] {
			continue
		}
		user := 5 + i%4
		if i > 2 && len(found) < 25 {
			user = 2 * (i % 2)
		}
		id := rocketchattest.Some(fmt.Sprintf("unseenSession%04d", i))
		s := rocketchattest.Session{
			SessionID: id, ID: id, LoginAt: rocketchattest.Some(at), Device: seen[0].Device,
			UserID: rocketchattest.Some(fmt.Sprintf("unseenUser%07d", user)),
			User: rocketchattest.Some(rocketchattest.User{
				Username: rocketchattest.Some(fmt.Sprintf("bulk.user%d", user)),
				Name:     rocketchattest.Some(fmt.Sprintf("Bulk User %d", user)),
			}),
		}
		if user < 5 {
			found = append(found, s)
		} else {
			passedOver = append(passedOver, s)
		}
	}
	return append(found, passedOver...)
}

var longText = regexp.MustCompile(`\{x (\d+)\}`)

func send(t *testing.T, w *rocketchattest.Workspace, c recordedCase) *http.Response {
	t.Helper()
	query := longText.ReplaceAllStringFunc(c.Query, func(s string) string {
		n, _ := strconv.Atoi(longText.FindStringSubmatch(s)[1])
		return strings.Repeat("x", n)
	})
	var body io.Reader
	if c.Body != nil {
		body = strings.NewReader(*c.Body)
	}
	r, err := http.NewRequestWithContext(t.Context(), c.Method, "http://workspace.invalid/", body)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Path, r.URL.RawQuery = c.Path, query
	for name, v := range c.Headers {
		if mails := w.Mails(); len(mails) > 0 {
			v = strings.ReplaceAll(v, "{mail 0}", mails[0].Code)
			v = strings.ReplaceAll(v, "{digits of mail 0}", strings.ReplaceAll(mails[0].Code, "-", ""))
		}
		r.Header.Set(name, v)
	}
	faults := map[string]rocketchattest.FaultFunc{
		"database":    rocketchattest.FaultDatabaseDown,
		"users":       rocketchattest.FaultDatabaseDown,
		"permissions": rocketchattest.FaultPermissionQuery,
		"sessions":    rocketchattest.FaultSessionsQuery,
	}
	w.Fault(faults[c.Fault])
	response, err := w.Transport().RoundTrip(r)
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	return response
}

// outcome is a response as it is compared.
type outcome struct {
	Status                int
	Type, Allow, Encoding string
	Limit                 map[string]string
	Body                  any

	date string
}

// expected is the recorded response, with the rows in place of their ids. Rows
// whose ids were not recorded are compared by their number alone.
func (c recordedCase) expected(t *testing.T, rows map[string]json.RawMessage) outcome {
	t.Helper()
	body := c.Response.Body
	if fields, ok := body.(map[string]any); ok {
		if id, ok := fields["{row}"].(string); ok {
			fields = decodeRow(t, rows, id)
			fields["success"] = true
			body = fields
		}
		if ids, ok := fields["sessions"].([]any); ok {
			fields["sessions"] = withRows(ids, func(id string) any {
				row := decodeRow(t, rows, id)
				if strings.HasSuffix(c.Path, "/list") {
					delete(row, "_user")
				}
				return row
			})
		}
	}
	return outcome{
		Status: c.Response.Status, Type: c.Response.Type, Allow: c.Response.Allow, Encoding: c.Response.Encoding,
		Limit: c.Response.Limit, Body: body,
	}
}

func decodeRow(t *testing.T, rows map[string]json.RawMessage, id string) map[string]any {
	t.Helper()
	var row map[string]any
	if err := json.Unmarshal(rows[id], &row); err != nil {
		t.Fatalf("row %s: %v", id, err)
	}
	return row
}

func (c recordedCase) got(t *testing.T, response *http.Response) outcome {
	t.Helper()
	var body io.Reader = response.Body
	if response.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	got := outcome{
		Status: response.StatusCode, Type: response.Header.Get("Content-Type"),
		Allow: response.Header.Get("Allow"), Encoding: response.Header.Get("Content-Encoding"),
		Body: string(data), date: response.Header.Get("Date"),
	}
	for _, name := range []string{"limit", "remaining", "reset"} {
		if v := response.Header.Get("X-RateLimit-" + name); v != "" {
			if got.Limit == nil {
				got.Limit = map[string]string{}
			}
			got.Limit[name] = v
		}
	}
	if got.Type == "application/json" && len(data) > 0 {
		got.Body = nil
		if err := json.Unmarshal(data, &got.Body); err != nil {
			t.Fatalf("%s: %v in %s", c.Name, err, data)
		}
	}
	return got
}

// anything is a value that was random, or not recorded.
const anything = "{any}"

// volatile lets values pass that differ from run to run: instants within 500
// milliseconds of each other, for the recorded server's clock ran on while it
// responded, and whatever stands for anything.
func volatile() cmp.Option {
	const tolerance = 500 * time.Millisecond
	near := func(a, b time.Time) bool { return a.Sub(b).Abs() <= tolerance }
	instant := func(s string) (time.Time, bool) {
		if at, err := time.Parse(time.RFC3339, s); err == nil && at.Year() != 2023 {
			return at, true
		}
		if ms, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) == 13 {
			return time.UnixMilli(ms), true
		}
		return time.Time{}, false
	}
	same := func(a, b string) bool {
		if a == b {
			return true
		}
		at, ok := instant(a)
		other, okToo := instant(b)
		return ok && okToo && near(at, other)
	}
	return cmp.Options{
		cmp.FilterValues(func(a, b any) bool {
			return (a == any(anything)) != (b == any(anything))
		}, cmp.Ignore()),
		cmp.Comparer(same),
		cmpopts.IgnoreUnexported(outcome{}),
	}
}
