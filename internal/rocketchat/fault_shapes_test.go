// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// oddRow is the row of the first page whose fields are distorted. It has all of them.
const oddRow = 7

type shape struct {
	name string
	// raw is the JSON in the field's place; was is what stood there. An empty one
	// takes the field out.
	raw func(field, was string) string
}

var shapes = []shape{
	{"wrong type", func(_, was string) string {
		if strings.HasPrefix(was, `"`) {
			return "7"
		}
		return `"text"`
	}},
	{"null", func(string, string) string { return "null" }},
	{"missing", func(string, string) string { return "" }},
	{"huge number", func(string, string) string { return "1" + strings.Repeat("0", 400) }},
	{"nested 20,000 deep", func(string, string) string {
		return strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	}},
	{"twice", func(field, was string) string { return was + "," + field + ":" + was }},
	{"twice, null first", func(field, was string) string { return "null," + field + ":" + was }},
	{"in upper case too", func(field, was string) string { return was + "," + strings.ToUpper(field) + ":7" }},
	{"invalid UTF-8", func(string, string) string { return "\"a\xff\xc0b\"" }},
}

// fields of a response, with the outcome for each of the shapes: u is an
// MalformedError, c the complete result.
var shapedFields = []struct{ path, outcomes string }{
	{"sessions", "uuuuuuccu"},
	{"total", "uuuuucccu"},
	{"count", "ccccucccc"},
	{"offset", "ccccucccc"},
	{"success", "uccuucccu"},
	{"sessions[7]", "uu"},
	{"sessions[7].sessionId", "uccuucccc"},
	{"sessions[7]._id", "uccuucccc"},
	{"sessions[7].userId", "uccuucccc"},
	{"sessions[7].host", "uccuucccc"},
	{"sessions[7].ip", "uccuucccc"},
	{"sessions[7].loginAt", "uuuuucccu"}, // rows without one come last
	{"sessions[7].device", "uccuucccu"},
	{"sessions[7].device.type", "uccuucccc"},
	{"sessions[7].device.name", "uccuucccc"},
	{"sessions[7].device.version", "uccuucccc"},
	{"sessions[7].device.longVersion", "uccuucccc"},
	{"sessions[7].device.os", "uccuucccu"},
	{"sessions[7].device.os.name", "uccuucccc"},
	{"sessions[7].device.os.version", "uccuucccc"},
	{"sessions[7]._user", "uccuucccu"},
	{"sessions[7]._user.username", "uccuucccc"},
	{"sessions[7]._user.name", "uccuucccc"},
	{"sessions[7]._user.avatarETag", "uccuucccc"},
}

// shapeOutcome is what a distorted field leads to in every response.
func shapeOutcome(code byte) outcome {
	if code == 'c' {
		return complete(0, 0)
	}
	return fails(attempts, 15*time.Second, "MalformedError")
}

// TestFaults_atEveryField distorts each field of the first page in each way; in a short run, in every second.
func TestFaults_atEveryField(t *testing.T) {
	t.Parallel()
	for n, field := range shapedFields {
		for i := range field.outcomes {
			if testing.Short() && (n+i)%2 > 0 {
				continue
			}
			t.Run(field.path+"/"+shapes[i].name, func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T) { testShape(t, field.path, shapes[i], shapeOutcome(field.outcomes[i])) })
			})
		}
	}
}

func testShape(t *testing.T, field string, how shape, want outcome) {
	t.Helper()
	row := faultRow{
		strike: func(w *wire) {
			page := w.page()
			if w.request.URL.Query().Get("offset") == "" {
				page = distort(t, page, field, how)
			}
			w.json(200, page)
		},
		workspace: func() (*rocketchattest.Workspace, []*sessions.Session) {
			rows := wholeRows(faultRows / 5)
			w := rocketchattest.New(rocketchattest.Options{Sessions: slices.Clone(rows), UpperCount: 100 / 5})
			if _, inner, ok := strings.Cut(field, "]."); ok {
				rows[oddRow] = distorted(t, rows[oddRow], inner, how)
			}
			return w, truths(rows)
		},
	}
	row.run(t, 0, want, func(int) bool { return true })
}

func wholeRows(n int) []rocketchattest.Session {
	text := func(format string, a ...any) rocketchattest.Optional[string] {
		return rocketchattest.Some(fmt.Sprintf(format, a...))
	}
	rows := make([]rocketchattest.Session, n)
	for i := range rows {
		rows[i] = rocketchattest.Session{
			SessionID: text("session%04d", i), ID: text("id%04d", i), UserID: text("user%04d", i), Host: text("chat.example.invalid"), IP: text("10.0.0.%d", i%250),
			LoginAt: rocketchattest.Some(start.Add(-time.Duration(i) * time.Minute).Truncate(time.Millisecond)),
			Device: rocketchattest.Some(rocketchattest.Device{
				Type: text("browser"), Name: text("Firefox"), Version: text("%d", i), LongVersion: text("%d.0", i),
				OS: rocketchattest.Some(rocketchattest.OS{Name: text("Linux"), Version: text("6.%d", i)}),
			}),
			User: rocketchattest.Some(rocketchattest.User{Username: text("name%d", i), Name: text("Name %d", i), AvatarETag: text("tag%d", i)}),
		}
	}
	return rows
}

// distorted is a row as a client should take it, by this test's own decoding.
func distorted(t *testing.T, s rocketchattest.Session, field string, how shape) rocketchattest.Session {
	t.Helper()
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var as rocketchattest.Session
	if json.Unmarshal([]byte(distort(t, string(raw), field, how)), &as) != nil {
		return s // what cannot be read leads to no listing
	}
	return as
}

const mark = "a place to be distorted"

// distort replaces the field at a path such as sessions[7].device.name.
func distort(t *testing.T, body, path string, how shape) string {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(body), &root); err != nil {
		t.Fatal(err)
	}
	steps := strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("[].", r) })
	var was any
	for at, i := root, 0; i < len(steps); i++ {
		switch in := at.(type) {
		case map[string]any:
			was = in[steps[i]]
			if i == len(steps)-1 {
				in[steps[i]] = mark
			}
		case []any:
			was = in[oddRow]
			if i == len(steps)-1 {
				in[oddRow] = mark
			}
		}
		at = was
	}
	if was == nil {
		t.Fatalf("there is no field %q to distort", path)
	}
	marked, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	original, err := json.Marshal(was)
	if err != nil {
		t.Fatal(err)
	}
	name := `"` + steps[len(steps)-1] + `"`
	raw, quoted := how.raw(name, string(original)), `"`+mark+`"`
	if raw == "" {
		without := strings.NewReplacer(name+":"+quoted+",", "", ","+name+":"+quoted, "", name+":"+quoted, "")
		return without.Replace(string(marked))
	}
	return strings.Replace(string(marked), quoted, raw, 1)
}

// listFault is a workspace whose list does not hold together.
type listFault struct {
	what string
	// page distorts the response to a call; the rows and the total are the truth's.
	page func(call, offset int, p *listResponse)
	// once is when only the second call is distorted.
	once, always outcome
	// move changes the workspace before a call instead.
	move func(w *rocketchattest.Workspace, call int)
}

type listResponse struct {
	Sessions []json.RawMessage `json:"sessions"`
	Total    int               `json:"total"`
	Count    int               `json:"count"`
	Offset   int               `json:"offset"`
	Success  bool              `json:"success"`
	// first is what the first page held.
	first []json.RawMessage
}

func listFaults() []listFault {
	const incomplete = "IncompleteError"
	malformed := fails(0, 15*time.Second, "MalformedError")
	final := fails(0, 0, "MalformedError")
	return []listFault{
		{what: "the first page for every offset", page: func(_, _ int, p *listResponse) { p.Sessions = p.first }, once: complete(2, 0), always: malformed},
		{what: "the previous page again", page: func(_, offset int, p *listResponse) {
			if offset > 0 {
				p.Sessions = p.first
			}
		}, once: complete(2, 0), always: malformed},
		{what: "an empty page before the end", page: func(_, offset int, p *listResponse) {
			if offset > 0 {
				p.Sessions = p.Sessions[:0]
			}
		}, once: complete(1, 0), always: fails(0, 0, incomplete)},
		{what: "empty from the start, with a total", page: func(_, _ int, p *listResponse) { p.Sessions = p.Sessions[:0] }, once: complete(1, 0), always: fails(0, 0, incomplete)},
		{what: "a page without its second half", page: func(_, _ int, p *listResponse) { p.Sessions = p.Sessions[:len(p.Sessions)/2] }, once: complete(1, 0), always: fails(0, 0, incomplete)},
		{what: "a row missing in the middle", page: func(_, _ int, p *listResponse) {
			if len(p.Sessions) > 50 {
				p.Sessions = slices.Delete(p.Sessions, 40, 41)
			}
		}, once: fails(0, 0, incomplete), always: fails(0, 0, incomplete)},
		{what: "the rows of a page twice", page: func(_, _ int, p *listResponse) { p.Sessions = append(p.Sessions, p.Sessions...) }, once: complete(1, time.Second), always: malformed},
		{what: "a page in reverse order", page: func(_, _ int, p *listResponse) { slices.Reverse(p.Sessions) }, once: complete(1, time.Second), always: malformed},
		{what: "two rows of a page swapped", page: func(_, _ int, p *listResponse) {
			if len(p.Sessions) > 50 {
				p.Sessions[40], p.Sessions[41] = p.Sessions[41], p.Sessions[40]
			}
		}, once: complete(1, time.Second), always: malformed},
		{what: "a row without login time among others", page: func(_, _ int, p *listResponse) {
			if len(p.Sessions) > 50 {
				p.Sessions[40] = json.RawMessage(`{}`)
			}
		}, once: complete(1, time.Second), always: malformed},
		{what: "more rows on a page than requested", page: func(_, _ int, p *listResponse) {
			p.Sessions = slices.Repeat([]json.RawMessage{json.RawMessage(`{}`)}, 10_001)
			p.Total = len(p.Sessions)
		}, once: final, always: final},
		{what: "a total that shrinks below the rows already seen", page: func(call, _ int, p *listResponse) { p.Total = max(250-100*call, 50) }, once: complete(1, time.Second), always: malformed},
		{what: "a total of nothing, with rows", page: func(_, _ int, p *listResponse) { p.Total = 0 }, once: complete(1, time.Second), always: malformed},
		{what: "a total that grows with every page", page: func(call, _ int, p *listResponse) { p.Total = 250 + 50*call }, once: complete(1, 0), always: fails(0, 0, incomplete)},
		{what: "a total that is far too large", page: func(_, _ int, p *listResponse) { p.Total = 1 << 40 }, once: complete(1, 0), always: fails(0, 0, incomplete)},
		{what: "offset and count of another page", page: func(_, _ int, p *listResponse) { p.Offset, p.Count = 1000, 1 }, once: complete(0, 0), always: complete(0, 0)},
		{what: "a user logs out between any two pages", move: func(w *rocketchattest.Workspace, call int) {
			if call > 0 {
				w.Logout(w.Sessions()[0].SessionID.Value)
			}
		}, always: complete(1, 0)},
		{what: "five users log in between any two pages", move: func(w *rocketchattest.Workspace, call int) {
			for i := range 5 {
				id := fmt.Sprintf("new-%d-%d", call, i)
				w.Login(rocketchattest.Session{SessionID: rocketchattest.Some(id), LoginAt: rocketchattest.Some(start.Add(time.Duration(call) * time.Second))})
			}
		}, always: complete(1, 0)},
	}
}

func TestFaults_ofTheList(t *testing.T) {
	t.Parallel()
	for _, f := range listFaults() {
		if f.page != nil && !testing.Short() {
			t.Run(f.what+"/once", func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T) { f.run(t, f.once, func(call int) bool { return call == 1 }) })
			})
		}
		t.Run(f.what+"/always", func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) { f.run(t, f.always, func(int) bool { return true }) })
		})
	}
}

func (f *listFault) run(t *testing.T, want outcome, during func(int) bool) {
	t.Helper()
	var first []json.RawMessage
	row := faultRow{
		strike: func(w *wire) {
			var p listResponse
			if err := json.Unmarshal([]byte(w.page()), &p); err != nil {
				t.Error(err)
				return
			}
			if p.Offset == 0 {
				first = slices.Clone(p.Sessions)
			}
			p.first = first
			if f.page != nil && during(w.call) {
				f.page(w.call, p.Offset, &p)
			}
			body, err := json.Marshal(p)
			if err != nil {
				t.Error(err)
			}
			w.json(200, string(body))
		},
		connect: func(_ *testing.T, s *faultStage) {
			if f.move != nil {
				s.truth = nil // what is left of it in the end
				s.workspace.OnRequest(func(n int, _ *http.Request) { f.move(s.workspace, n) })
			}
		},
	}
	row.run(t, 0, want, func(int) bool { return true })
}
