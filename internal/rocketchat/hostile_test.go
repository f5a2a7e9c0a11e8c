// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchat_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// TestRows_shareWhatTheyRepeat bounds the memory of a row in a long list.
//
//nolint:paralleltest // measures the memory of the whole process
func TestRows_shareWhatTheyRepeat(t *testing.T) {
	const mostPerRow = 250
	rows := 50_000
	if testing.Short() {
		rows = 10_000
	}
	pages := newEncodedPages(t, rows, 1_000)
	client := newClient(t, pages)
	before := heap()
	listing := read(t, client)
	perRow := (heap() - before) / int64(rows)
	t.Logf("%d bytes a row", perRow)
	if perRow > mostPerRow {
		t.Errorf("a row takes %d bytes, want at most %d", perRow, mostPerRow)
	}
	runtime.KeepAlive(listing)
	runtime.KeepAlive(pages)
}

// TestHostile_responsesTakeNoMemory has responses as large as gzip makes them of a few kilobytes: none takes much
// more than reading it does, and none that is too large is asked for again.
//
//nolint:paralleltest // measures the memory of the whole process
func TestHostile_responsesTakeNoMemory(t *testing.T) {
	size := 8 << 20
	if testing.Short() {
		size = 4 << 20
	}
	fill := func(before, piece, after string) string {
		return before + strings.Repeat(piece, (size-len(before)-len(after))/len(piece)) + after
	}
	rows := func(count int) string {
		row := fmt.Sprintf(`,{"loginAt":null,"userId":%q}`, strings.Repeat("a", size/count-40))
		return fmt.Sprintf(`{"success":true,"total":%d,"sessions":[%s]}`, count, strings.Repeat(row, count)[1:])
	}
	usersWith := func(texts int) string {
		var b strings.Builder
		roles := `""` + strings.Repeat(`,""`, texts-1)
		for n := range size / len(roles) {
			fmt.Fprintf(&b, `,{"_id":%q,"roles":[%s]}`, userID(n), roles)
		}
		return `{"users":[` + b.String()[1:] + `],"success":true,"total":31}`
	}
	const tooMany, tooLarge, ok = "more rows than were asked for", "a value of the response is larger", "complete"
	for name, tc := range map[string]struct {
		status   int
		body     string
		says     string
		requests int
	}{
		"empty rows":                      {200, fill(`{"total":1,"sessions":[{}`, ",{}", `]}`), tooMany, 1},
		"null rows":                       {200, fill(`{"total":1,"sessions":[null`, ",null", `]}`), "row 0 is null", 2},
		"numbers":                         {200, fill(`{"total":1,"sessions":[0`, ",0", `]}`), "cannot unmarshal number", 2},
		"arrays":                          {200, fill(`{"total":1,"sessions":[[]`, ",[]", `]}`), "cannot unmarshal array", 2},
		"rows with everything":            {200, fill(`{"total":1,"sessions":[{}`, `,{"device":{"os":{}},"_user":{},"ip":"","host":""}`, `]}`), tooMany, 1},
		"under an escaped name":           {200, fill(`{"total":1,"\u0073essions":[{}`, ",{}", `]}`), tooMany, 1},
		"many lists":                      {200, fill(`{"total":1`, `,"sessions":[{},{},{},{},{},{},{}]`, `}`), `"sessions" twice`, 2},
		"an unknown field":                {200, fill(`{"total":0,"sessions":[],"other":[{}`, ",{}", `]}`), tooLarge, 1},
		"an unknown field of a row":       {200, fill(`{"total":1,"sessions":[{"other":[{}`, ",{}", `]}]}`), tooLarge, 1},
		"a text":                          {200, rows(1), tooLarge, 1},
		"as many rows as were asked for":  {200, rows(10_000), ok, 1},
		"a refusal with methods":          {200, fill(`{"success":false,"errorType":"totp-required","details":{"availableMethods":[""`, `,""`, `]}}`), "larger than", 1},
		"a refusal with many fields":      {200, fill(`{"success":false,"error":"[totp-required]"`, fmt.Sprintf(`,"more":%q`, strings.Repeat("a", 4096)), `}`), "refusal", 1},
		"a refusal with an endless text":  {200, fill(`{"success":false,"error":"`, "a", `"}`), "larger than", 1},
		"a refusal that says so":          {400, fill(`{"success":false,"errorType":"totp-required","details":{"availableMethods":[""`, `,""`, `]}}`), "64 KiB", 1},
		"a refusal that is no JSON":       {400, fill("", "[[[[", ""), "[[[[", 1},
		"a refusal with an endless field": {401, fill(`{"status":"error","message":"`, "a", `"}`), "64 KiB", 1},
		"a user full of roles":            {200, usersWith(349_000), "than a workspace can have", 1},
		"many users":                      {200, usersWith(100), "than a workspace can have", 1},
		"as many roles as a user may":     {200, usersWith(9_999), "than a workspace can have", 1},
	} {
		bubble(t, func(t *testing.T) {
			server := play(jsonResponse(tc.status, tc.body))
			c := newClient(t, server, func(c *rocketchat.Config) { c.MaxRetries = 1 })
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			read, decoded := sharedReads["sessions"], 8<<20 // or values by the thousand, which are allowed
			switch {
			case strings.HasPrefix(tc.body, `{"users":`):
				read, decoded = sharedReads["users"], 80<<20
			case tc.says == ok:
				decoded = 80 << 20
			}
			_, err := read(t.Context(), c)
			runtime.ReadMemStats(&after)
			says := ok
			if err != nil {
				says = err.Error()
			}
			took, most := after.TotalAlloc-before.TotalAlloc, uint64(decoded+5*len(tc.body)*tc.requests) //nolint:gosec // positive
			if !strings.Contains(says, tc.says) || server.count() != tc.requests || took > most {
				t.Errorf("%s: %.200s after %d requests, which took %d MB of %d; want %q after %d", name, says, server.count(), took>>20, most>>20, tc.says, tc.requests)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) //nolint:gosec // far below the limit
}

func TestResponses_tooLarge(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		whole := `{"success":false,"error":"` + strings.Repeat(" ", 34<<20)
		for status, tc := range map[int]struct {
			says string
			most int
		}{200: {"larger than 32 MiB", 33 << 20}, 400: {"more than 64 KiB", 65 << 10}} {
			body := strings.NewReader(whole)
			client := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				resp, err := jsonResponse(status, "").response(r)
				resp.Body = io.NopCloser(body)
				return resp, err
			}))
			_, err := client.WorkspaceSessions(t.Context(), "", everything)
			got := as[*rocketchat.MalformedError](t, err)
			if n := len(whole) - body.Len(); got.Attempts != 1 || !strings.Contains(err.Error(), tc.says) || n > tc.most {
				t.Errorf("%+v after %d bytes, want no more than %d", *got, n, tc.most)
			}
		}
	})
}

// TestUsers_tooManyForOneResponse falls back on pages.
func TestUsers_tooManyForOneResponse(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		d := newDirectory(t, 150)
		d.change = func(_ *directory, call int, _ string) *response {
			if call > 0 {
				return nil
			}
			huge := jsonResponse(http.StatusOK, `{"users":[],"pad":"`+strings.Repeat(" ", 33<<20)+`"}`)
			return &huge
		}
		listing, err := newClient(t, d).Users(t.Context(), nil)
		if err != nil || len(listing.Users) != 150 || len(d.calls) != 3 {
			t.Errorf("%v after %s", err, d.calls)
		}
	})
}

// encodedPages are the responses for a list of synthetic sessions, encoded once,
// so that what is measured is the client alone.
type encodedPages struct {
	rows [][]byte
	size int
}

func newEncodedPages(tb testing.TB, count, size int) *encodedPages {
	tb.Helper()
	p := &encodedPages{size: size}
	for _, s := range rocketchattest.SyntheticSessions(count, 1, start) {
		row, err := json.Marshal(s)
		if err != nil {
			tb.Fatal(err)
		}
		p.rows = append(p.rows, row)
	}
	return p
}

func (p *encodedPages) RoundTrip(r *http.Request) (*http.Response, error) {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	from := min(offset, len(p.rows))
	to := min(from+p.size, len(p.rows))
	body := append([]byte(`{"sessions":[`), bytes.Join(p.rows[from:to], []byte(","))...)
	body = fmt.Appendf(body, `],"count":%d,"offset":%d,"total":%d,"success":true}`, to-from, offset, len(p.rows))
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {applicationJSON}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: -1, Request: r,
	}, nil
}

// BenchmarkRead decodes the pages of a long list, without a socket.
func BenchmarkRead(b *testing.B) {
	const rows = 10_000
	for _, size := range []int{100, 1_000} {
		b.Run(fmt.Sprintf("pages of %d", size), func(b *testing.B) {
			pages := newEncodedPages(b, rows, size)
			b.ReportAllocs()
			for b.Loop() {
				pages.read(b, 0)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

// read reads the pages by a new client.
func (p *encodedPages) read(b *testing.B, concurrent int) {
	b.Helper()
	client, err := rocketchat.New(rocketchat.Config{
		URL: &url.URL{Scheme: "https", Host: "chat.example.invalid"}, UserID: "synthUser", AuthToken: authToken, Transport: p,
		MaxConcurrentRequests: concurrent,
	})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := client.WorkspaceSessions(b.Context(), "", everything); err != nil {
		b.Fatal(err)
	}
}

// plainSession is a row as one writes it down without a thought of missing fields.
type plainSession struct {
	ID        string    `json:"_id"`
	SessionID string    `json:"sessionId"`
	UserID    string    `json:"userId"`
	Host      string    `json:"host"`
	IP        string    `json:"ip"`
	LoginAt   time.Time `json:"loginAt"`
	Device    struct {
		Type        string `json:"type"`
		Name        string `json:"name"`
		Version     string `json:"version"`
		LongVersion string `json:"longVersion"`
		OS          struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"os"`
	} `json:"device"`
	User struct {
		Username   string `json:"username"`
		Name       string `json:"name"`
		AvatarETag string `json:"avatarETag"`
	} `json:"_user"`
}

// BenchmarkAgainstBareLoop reads the pages in turns by the client and by a loop
// of net/http and encoding/json, and says how many times as long the client takes.
func BenchmarkAgainstBareLoop(b *testing.B) {
	const rows, size, stride = 10_000, 100, 96 // the client's pages overlap by four rows
	pages := newEncodedPages(b, rows, size)
	bare := func() {
		var all []plainSession
		plain := &http.Client{Transport: pages}
		for offset := 0; offset+size-stride < rows; offset += stride {
			resp, err := plain.Get("https://chat.example.invalid/api/v1/sessions/list.all?offset=" + strconv.Itoa(offset)) //nolint:noctx // served from memory
			if err != nil {
				b.Fatal(err)
			}
			var response struct{ Sessions []plainSession }
			if err := errors.Join(json.NewDecoder(resp.Body).Decode(&response), resp.Body.Close()); err != nil {
				b.Fatal(err)
			}
			all = append(all, response.Sessions...)
		}
		if len(all) < rows {
			b.Fatalf("the loop read %d rows", len(all))
		}
	}
	var took [2]time.Duration
	for b.Loop() {
		for i, read := range []func(){bare, func() { pages.read(b, 1) }} {
			begun := time.Now()
			read()
			took[i] += time.Since(begun)
		}
	}
	b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "×bare")
}

// hostile is what a stranger would like a terminal or a pipeline to read.
const hostile = "\x1b[2J\n::error::gone ##vso[task.complete]\u202ex\u200b" + "\r\n"

// TestSanitize_textsAreCleaned has a server put text into every place that an error
// or a log line is made from.
func TestSanitize_textsAreCleaned(t *testing.T) {
	t.Parallel()
	each(t, echoes, func(t *testing.T, echo func(string) response) {
		gateway := roundTrip(func(r *http.Request) (*http.Response, error) {
			return echo(hostile + strings.Repeat("é", 1000)).response(r)
		})
		logged := &logRecorder{}
		client := newClient(t, gateway, func(c *rocketchat.Config) { c.Logger = slog.New(logged) })
		_, err := client.WorkspaceSessions(t.Context(), "", everything)
		if err == nil {
			t.Fatal("no error")
		}
		for _, text := range append(strings.Split(logged.String(), "\n"), fmt.Sprintf("%v", err), fmt.Sprintf("%+v", err), fmt.Sprintf("%q", err)) {
			if strings.ContainsAny(text, "\x1b\n\r\u202e\u200b") || strings.Contains(text, " ::error::") || strings.Contains(text, "##vso[") {
				t.Errorf("shown: %q", text)
			}
			if len(text) > 2*sanitize.MaxBytes+300 {
				t.Errorf("%d bytes are shown: %q", len(text), text)
			}
		}
	})
}

// TestSanitize_shortHeaderDoesNotBlurRefusals: refusals are distinguished by the text as it
// came, whatever part of it a configured header equals.
func TestSanitize_shortHeaderDoesNotBlurRefusals(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, value := range []string{"or", "a", "t", "totp", "error-unauthorized", "totp-invalid", "invalid-params", "Session not found", "unauthorized"} {
			header := func(c *rocketchat.Config) { c.Headers = map[string]string{"X-Gateway": value} }
			for _, tc := range []struct {
				want    error
				refusal response
			}{
				{rocketchat.ErrNoPermission, jsonResponse(400, `{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}`)},
				{rocketchat.ErrInvalidParameters, jsonResponse(400, `{"success":false,"error":"must NOT have additional properties [invalid-params]","errorType":"invalid-params"}`)},
				{rocketchat.ErrNoLicense, jsonResponse(403, `{"success":false,"error":"unauthorized"}`)},
				{rocketchat.ErrNotFound, jsonResponse(404, `{"success":false,"error":"Session not found"}`)},
				{rocketchat.ErrNoLicense, jsonResponse(400, `{"success":false,"error":"This is an enterprise feature [error-action-not-allowed]","errorType":"error-action-not-allowed"}`)},
			} {
				if _, err := newClient(t, play(tc.refusal), header).WorkspaceSession(t.Context(), "a"); !errors.Is(err, tc.want) {
					t.Errorf("header %q: %v, want %v", value, err, tc.want)
				}
			}
			demanding := play(jsonResponse(400, `{"success":false,"error":"TOTP Invalid [totp-invalid]","errorType":"totp-invalid","details":{"method":"totp","availableMethods":["totp","email"]}}`))
			_, err := newClient(t, demanding, header).WorkspaceSession(t.Context(), "a")
			got := as[*rocketchat.SecondFactorError](t, err)
			if got.Problem != rocketchat.SecondFactorInvalid || got.Demanded != totp || !slices.Equal(got.Available, []rocketchat.Method{totp, email}) {
				t.Errorf("header %q: %+v", value, got)
			}

			// The clock is corrected all the same.
			w := rocketchattest.New(rocketchattest.Options{ClockSkew: 1 << 8 * 1e9})
			read(t, newClient(t, w.Transport(), account(w, "totp"), withTOTP(t), header))
		}
	})
}

// TestSanitize_proxyThatEchoesItsCredentials: the password in the proxy's address goes to
// the proxy, and a proxy may send it back in any form.
func TestSanitize_proxyThatEchoesItsCredentials(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		const password = "proxy pass/word+1"
		proxy := &url.URL{Scheme: "http", Host: "proxy.example.invalid", User: url.UserPassword("proxy-user", password)}
		pair := base64.StdEncoding.EncodeToString([]byte("proxy-user:" + password))
		basic := base64.StdEncoding.EncodeToString([]byte("gate:gate-password"))
		forms := []string{password, pair, "Basic " + pair, url.QueryEscape(password), strings.ToUpper(password), proxy.User.String(), basic, "gate-password"}
		for _, form := range forms {
			for _, answered := range []response{
				{status: 407, contentType: "text/plain", body: "you sent " + form},
				{err: errors.New("you sent " + form)},
				redirect(302, "https://evil.invalid:"+form),
				{status: 404, contentType: "text/x-" + form, body: "no"},
			} {
				client := newClient(t, play(answered), func(c *rocketchat.Config) {
					c.Proxy = http.ProxyURL(proxy)
					c.Headers = map[string]string{"Authorization": "Basic " + basic}
				})
				_, err := client.WorkspaceSessions(t.Context(), "", everything)
				searchForSecrets(t, "the error", strings.ToLower(shown(err)), []string{strings.ToLower(form)})
			}
		}
	})
}

// echoes are servers and gateways that send back what they were sent. The text
// holds every header of the request.
var echoes = map[string]func(text string) response{
	"error":            func(s string) response { return jsonResponse(400, object(map[string]string{"error": s})) },
	"error of a login": func(s string) response { return jsonResponse(401, object(map[string]string{"message": s})) },
	"error type": func(s string) response {
		return jsonResponse(400, object(map[string]string{"errorType": s, "error": "no"}))
	},
	"error in brackets": func(s string) response {
		return jsonResponse(400, object(map[string]string{"error": "no [" + s + "]"}))
	},
	"brackets in a text": func(s string) response {
		return response{status: 400, contentType: "text/plain", body: "no [" + s + "]"}
	},
	"text":               func(s string) response { return response{status: 400, contentType: "text/plain", body: s} },
	"text, server error": func(s string) response { return response{status: 500, contentType: "text/plain", body: s} },
	"page":               func(s string) response { return response{status: 502, contentType: "text/html", body: "<pre>" + s} },
	"page with 200":      func(s string) response { return response{status: 200, contentType: "text/html", body: "<pre>" + s} },
	"content type":       func(s string) response { return response{status: 404, contentType: s, body: "not found"} },
	"success:false":      func(s string) response { return jsonResponse(200, `{"success":false,"error":`+quote(s)+`}`) },
	"demanded method":    func(s string) response { return demand(`"method":` + quote(s)) },
	"available methods":  func(s string) response { return demand(`"method":"totp","availableMethods":[` + quote(s) + `]`) },
	"mail address": func(s string) response {
		return demand(`"method":"email","codeGenerated":true,"emailOrUsername":` + quote(s))
	},
	"login time":          func(s string) response { return jsonResponse(200, `{"sessions":[{"loginAt":`+quote(s)+`}],"total":1}`) },
	"JSON that is broken": func(s string) response { return jsonResponse(400, `{"error":`+quote(s)) },
	"connection":          func(s string) response { return response{err: errors.New("malformed header " + s)} },
	"redirect within":     func(s string) response { return redirect(302, "/x?"+s) },
	"redirect away":       func(s string) response { return redirect(302, "https://user:pass@evil.invalid/"+s+"?"+s) },
	"redirect to nowhere": func(s string) response { return redirect(302, "https://evil.invalid:"+s) },
	"too many requests": func(s string) response {
		return response{status: 429, contentType: "text/plain", body: s, header: http.Header{"Retry-After": {s}}}
	},
}

// TestSecrets_noneComesBack has the server echo each request's headers in every
// place that an error or a log line is made from.
func TestSecrets_noneComesBack(t *testing.T) {
	t.Parallel()
	secret := rocketchat.TwoFactor{TOTP: parseSecret(t, rocketchattest.DefaultTOTPSecret)}
	factors := []rocketchat.TwoFactor{
		secret, withPassword, {Code: "one-time-code-4711"}, {TOTP: secret.TOTP, Password: rightPassword, Code: "one-time-code-4711"},
	}
	each(t, echoes, func(t *testing.T, echo func(string) response) {
		for _, factor := range factors {
			secrets := []string{authToken, gatewayKey, factor.Code, factor.Password}
			if factor.TOTP != nil {
				secrets = append(secrets, rocketchattest.DefaultTOTPSecret)
			}
			gateway := roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.Header.Get("X-Auth-Token") == "" {
					return jsonResponse(200, `{"version":`+quote("8.6 "+strings.Join(secrets, " "))+`}`).response(r)
				}
				code := r.Header.Get("X-2fa-Code")
				secrets = append(secrets, code)
				return echo(authToken + " " + gatewayKey + " " + code).response(r)
			})
			logged := &logRecorder{}
			client := newClient(t, gateway, twoFactor(factor), func(c *rocketchat.Config) { c.Logger = slog.New(logged) })
			_, listErr := client.WorkspaceSessions(t.Context(), "", everything)
			if listErr == nil {
				t.Error("no error")
			}
			_, infoErr := client.WorkspaceSession(t.Context(), "some-session")
			for _, err := range []error{listErr, infoErr, client.Logout(t.Context(), "some-session")} {
				searchForSecrets(t, "the error", shown(err), secrets)
			}
			searchForSecrets(t, "the log", logged.String(), secrets)
			if !strings.Contains(logged.String(), "request failed") {
				t.Errorf("the log says nothing about it: %s", logged)
			}
		}
	})
}

// TestSecrets_oneThatContainsAnother is replaced whole.
func TestSecrets_oneThatContainsAnother(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		const short, long = "secret-part", "secret-part-and-more"
		for token, other := range map[string]string{short: long, long: short} {
			server := play(jsonResponse(400, object(map[string]string{"error": "you sent " + long + " and " + short + "."})))
			client := newClient(t, server, func(c *rocketchat.Config) {
				c.AuthToken, c.Headers = token, map[string]string{"X-Other": other}
			})
			_, err := client.WorkspaceSessions(t.Context(), "", everything)
			got := as[*rocketchat.ResponseError](t, err)
			if want := "you sent (redacted) and (redacted)."; got.Message != want {
				t.Errorf("Message = %q, want %q", got.Message, want)
			}
		}
	})
}
