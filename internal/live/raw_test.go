// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// The suite's own calls. They share nothing with the provider's client, so that the two cannot make
// the same mistake.

// api calls the workspace as the account does.
type api struct {
	base   string
	header http.Header
	client *http.Client
	clock  clock.Clock
	say    func(format string, args ...any)
	// totpSecret and password are the second factors at hand.
	totpSecret, password string
	// method is the second factor that the workspace asks for; empty for none.
	method string
	// windows are those of the rate limit, by route. The provider's calls count in them as well.
	windows map[string]window
	calls   int
}

// window is what the last response said about the rate limit of a route.
type window struct {
	limit, left int
	ends        time.Time
}

// reply is a response, decoded if it is JSON.
type reply struct {
	status int
	header http.Header
	body   []byte
	fields map[string]any
}

// refusal is a response that does not have what was asked for.
type refusal struct {
	route string
	*reply
}

// Error implements [error].
func (r *refusal) Error() string {
	return fmt.Sprintf("the suite's own call of %s returned HTTP status %d: %.200s", r.route, r.status, r.body)
}

// granted ends the suite at a refusal.
func granted[T any](value T, refused *refusal) T {
	if refused != nil {
		check(refused)
	}
	return value
}

// text is a field of the response, empty if it is no text.
func (r *reply) text(name string) string {
	text, _ := r.fields[name].(string)
	return text
}

func (r *reply) number(name string) int {
	number, _ := r.fields[name].(float64)
	return int(number)
}

// rows are a list of objects in the response.
func (r *reply) rows(name string) []map[string]any { return objects(r.fields[name]) }

func objects(list any) (all []map[string]any) {
	elements, _ := list.([]any)
	for _, each := range elements {
		if object, ok := each.(map[string]any); ok {
			all = append(all, object)
		}
	}
	return all
}

// date is the workspace's time of the response, to the second.
func (r *reply) date() time.Time {
	date, _ := http.ParseTime(r.header.Get("Date"))
	return date
}

// get calls a route, waits for the rate limit, and returns a refusal unless the response is a success.
func (a *api) get(ctx context.Context, route string, query url.Values) (*reply, *refusal) {
	for range 4 {
		r := a.once(ctx, http.MethodGet, route, query, nil)
		switch {
		case r.status == http.StatusTooManyRequests:
			if _, limited := a.windows[route]; !limited { // or wait knows how long
				a.sleep(ctx, route, time.Minute)
			}
		case r.status != http.StatusOK || r.fields == nil || r.fields["success"] == false:
			return nil, &refusal{route, r}
		default:
			return r, nil
		}
	}
	check(fmt.Errorf("the rate limit of %s refused four calls of the suite, between which it waited: does another client use it?", route))
	return nil, nil
}

// once makes a single call.
func (a *api) once(ctx context.Context, method, route string, query url.Values, body any) *reply {
	a.wait(ctx, route)
	var content io.Reader = http.NoBody
	if body != nil {
		content = strings.NewReader(encoded(body))
	}
	request := must(http.NewRequestWithContext(ctx, method, a.base+"/api/v1/"+route+"?"+query.Encode(), content))
	request.Header = a.header.Clone()
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	switch a.method {
	case "totp":
		request.Header.Set("X-2fa-Code", codeAt(a.totpSecret, a.clock.Now()))
		request.Header.Set("X-2fa-Method", a.method)
	case "password":
		sum := sha256.Sum256([]byte(a.password))
		request.Header.Set("X-2fa-Code", hex.EncodeToString(sum[:]))
		request.Header.Set("X-2fa-Method", a.method)
	}
	response, err := a.client.Do(request)
	if err != nil {
		check(fmt.Errorf("the suite's own call of %s: %w", route, err))
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	a.calls++
	a.observe(route, response.Header)
	r := &reply{status: response.StatusCode, header: response.Header, body: must(io.ReadAll(response.Body))}
	if json.Unmarshal(r.body, &r.fields) != nil {
		r.fields = nil
	}
	return r
}

// observe notes what a response, of whomever, says about the rate limit.
func (a *api) observe(route string, header http.Header) {
	limit, err1 := strconv.Atoi(header.Get("X-Ratelimit-Limit"))
	left, err2 := strconv.Atoi(header.Get("X-Ratelimit-Remaining"))
	reset, err3 := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64)
	date, err4 := http.ParseTime(header.Get("Date"))
	if errors.Join(err1, err2, err3, err4) != nil {
		return
	}
	// Date is cut to the second, so that this is never too early.
	a.windows[route] = window{limit, left, a.clock.Now().Add(time.UnixMilli(reset).Sub(date))}
}

// wait waits until the rate limit of a route has a call left.
func (a *api) wait(ctx context.Context, route string) {
	if w, ok := a.windows[route]; ok && w.left <= 0 {
		delete(a.windows, route)
		a.sleep(ctx, route, w.ends.Sub(a.clock.Now()))
	}
}

func (a *api) sleep(ctx context.Context, route string, d time.Duration) {
	if d > 0 {
		a.say("waiting %.0f seconds for the rate limit of %s", d.Seconds(), route)
	}
	check(a.clock.Sleep(ctx, d))
}

// prepare finds out whether the workspace asks for a second factor on a route, and how. It returns
// the refusal of a call without one.
func (a *api) prepare(ctx context.Context, route string, query url.Values) *refusal {
	_, refused := a.get(ctx, route, query)
	if refused == nil {
		return nil
	}
	details, _ := refused.fields["details"].(map[string]any)
	method, _ := details["method"].(string)
	if refused.asksForFactor() && (method == "totp" && a.totpSecret != "" || method == "password" && a.password != "") {
		a.method = method
	}
	return refused
}

// asksForFactor reports whether a second factor is missing.
func (r *reply) asksForFactor() bool { return strings.HasPrefix(r.text("errorType"), "totp-") }

// codeAt is the TOTP code of a time, for a secret in base32.
func codeAt(secret string, at time.Time) string {
	return rocketchattest.Account{TOTPSecret: secret}.TOTP(at)
}

// secretOf is the base32 of a TOTP secret as users write it.
func secretOf(text string) string {
	if u, err := url.Parse(strings.TrimSpace(text)); err == nil && u.Scheme == "otpauth" {
		text = u.Query().Get("secret")
	}
	return strings.TrimRight(strings.ToUpper(strings.Join(strings.Fields(text), "")), "=")
}

// listing is a whole list of the workspace, as the suite has read it.
type listing struct {
	rows []row
	// total is what the first page says. whole reports that as many rows were read.
	total, pages int
	whole        bool
	// from and to are the workspace's time of the first and the last page.
	from, to time.Time
}

// overlap is how many rows of a page are read again with the next one: a logout between
// the two shifts rows up.
const overlap = 5

// list reads a list to its end, page by page.
func (a *api) list(ctx context.Context, route, name string, query url.Values, decode func(map[string]any) row) (l listing, refused *refusal) {
	seen := map[string]int{}
	for offset := 0; ; {
		page := url.Values{"count": {"100"}}
		maps.Copy(page, query)
		if offset > 0 {
			page.Set("offset", strconv.Itoa(offset))
		}
		r, refused := a.get(ctx, route, page)
		if refused != nil {
			return l, refused
		}
		if l.pages == 0 {
			l.total, l.from = r.number("total"), r.date()
		}
		l.to = r.date()
		l.pages++
		rows := r.rows(name)
		onPage := map[string]int{}
		for _, document := range rows {
			one := decode(document)
			// On one page, equal rows are different ones.
			onPage[one.key()]++
			if onPage[one.key()] > seen[one.key()] {
				seen[one.key()]++
				l.rows = append(l.rows, one)
			}
		}
		reached := offset + len(rows)
		switch {
		case len(rows) == 0 || reached >= r.number("total"):
			l.whole = len(l.rows) == l.total && l.total == r.number("total")
			return l, nil
		case l.pages > 10_000:
			check(fmt.Errorf("%s does not end", route))
		}
		offset = reached - min(overlap, len(rows)-1)
	}
}
