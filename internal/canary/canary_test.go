// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package canary runs the built provider under the real CLI with the
// most talkative log, and searches all that is left behind for the secrets that
// it was given.
//
// What Terraform itself keeps is beyond the provider's reach: a literal in the
// configuration is in the snapshot of the configuration that a saved plan holds,
// and in its JSON; so is the value of a variable, sensitive or not, unless it is
// ephemeral. The environment and ephemeral variables leave no trace anywhere.
package canary_test

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/base32"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// folderVariable names the folder with the built provider.
const folderVariable = "CANARY_TEST_PROVIDER"

// TestMain builds the provider once, for all tests.
func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "canary-")
	code := 1
	if err = errors.Join(err, clitest.BuildProvider("../..", folder), os.Setenv(folderVariable, folder)); err == nil {
		code = m.Run()
	}
	if err = errors.Join(err, os.RemoveAll(folder)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// way is how the secrets reach the provider.
type way int

const (
	// byEnvironment is the environment, and ephemeral variables for what has none.
	byEnvironment way = iota
	// byVariable is by sensitive variables.
	byVariable
	// byLiteral is by texts in the configuration.
	byLiteral
)

// secret names are those of variables in the configuration.
var environment = map[string]string{
	"auth_token": "ROCKETCHAT_AUTH_TOKEN", "totp_secret": "ROCKETCHAT_TOTP_SECRET",
	"code": "ROCKETCHAT_TWO_FACTOR_CODE", "password": "ROCKETCHAT_PASSWORD",
	"gateway": "ROCKETCHAT_HEADERS",
}

// scenario is a run of the CLI.
type scenario struct {
	// more is configuration beside the list of sessions; personal is what the
	// workspace sends for it, and nothing may show.
	more     string
	personal map[string]string
	way      way
	options  rocketchattest.Options
	// account changes the one that the workspace knows, given what the provider
	// is given; both begin with the same secrets and no second factor.
	account func(a *rocketchattest.Account, given map[string]string)
	// given are the secrets to give beside the token, gateway key and client key.
	given []string
	fault rocketchattest.FaultFunc
	// env is set at last.
	env map[string]string
	// url is another address than the workspace's.
	url func(workspace string) string
	// want is what is printed; a run without it has to succeed. byApply has an apply print it.
	want    string
	byApply bool
}

func secretText(kind string) string { return "canary-" + kind + "-" + rand.Text() }

func newSecrets(t *testing.T) map[string]string {
	t.Helper()
	seed := []byte(rand.Text())[:20]
	return map[string]string{
		"auth_token": secretText("token"), "password": secretText("pass word/+\""), "code": rand.Text()[:8],
		"totp_secret": base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(seed),
		"gateway":     secretText("gateway"),
	}
}

func scenarios(t *testing.T) map[string]scenario {
	t.Helper()
	totp := func(a *rocketchattest.Account, given map[string]string) { a.TOTPSecret = given["totp_secret"] }
	password := func(a *rocketchattest.Account, given map[string]string) { a.Password = given["password"] }
	mail := func(a *rocketchattest.Account, _ map[string]string) { a.EmailTwoFactor = true }
	response := func(status int, contentType, body string) rocketchattest.FaultFunc {
		return rocketchattest.FaultResponse(status, http.Header{"Content-Type": {contentType}}, body)
	}
	mailed, role := secretText("mail"), secretText("role")
	settings, hidden := settingsWithSecrets()
	mayReadSettings := func(a *rocketchattest.Account, _ map[string]string) {
		a.Permissions = append(a.Permissions, rocketchattest.PermissionViewSettings)
	}
	toLogOut := []rocketchattest.Session{{
		SessionID: rocketchattest.Some("one"), ID: rocketchattest.Some("one"), UserID: rocketchattest.Some("canaryUser1111111"), LoginAt: rocketchattest.Some(time.Now()),
	}}
	const endingOne = "resource \"rocketchat_session_logout\" \"one\" {\n  session_ids = [\"one\"]\n  unless_reconnected = true\n}\n"
	mayLogOut := func(a *rocketchattest.Account, given map[string]string) {
		totp(a, given)
		a.Permissions, a.Roles = append(a.Permissions, rocketchattest.PermissionLogout), []string{rocketchattest.RoleAdmin}
	}
	all := map[string]scenario{
		"users": {
			account: func(a *rocketchattest.Account, _ map[string]string) {
				a.Permissions = append(a.Permissions, rocketchattest.PermissionViewRoom)
			},
			options: rocketchattest.Options{Users: []rocketchattest.DirectoryUser{{
				ID: "canaryUser0000000", Username: rocketchattest.Some("canary"), Active: rocketchattest.Some(true), Type: rocketchattest.Some("user"),
				Roles:  rocketchattest.Some([]string{role}),
				Emails: rocketchattest.Some([]rocketchattest.Email{{Address: mailed + "@example.invalid"}}),
			}}, Sessions: []rocketchattest.Session{{
				SessionID: rocketchattest.Some("one"), ID: rocketchattest.Some("one"), UserID: rocketchattest.Some("canaryUser0000000"),
				LoginAt: rocketchattest.Some(time.Now()), User: rocketchattest.Some(rocketchattest.User{Username: rocketchattest.Some("canary")}),
			}}},
			more: "data \"rocketchat_users\" \"counted\" {\n  active = true\n  inactive_for = \"1d\"\n  limit = 0\n}\n" +
				"data \"rocketchat_workspace_sessions\" \"selected\" {\n  user_types = [\"user\"]\n  user_roles = [\"admin\"]\n" +
				"  user_details = true\n  limit = 0\n}\n",
			personal: map[string]string{"e-mail address": mailed, "role": role},
		},
		"settings": {
			account: mayReadSettings, options: rocketchattest.Options{Settings: settings}, personal: hidden,
			more: reading("Accounts_LoginExpiration", "API_Upper_Count_Limit", "Site_Url"),
		},
		"settings, no permission": {
			options: rocketchattest.Options{Settings: settings}, personal: hidden,
			more: reading("Accounts_LoginExpiration", "API_Upper_Count_Limit"),
			want: "The account lacks a permission",
		},
		"settings, unknown and odd": {
			account: mayReadSettings, options: rocketchattest.Options{Settings: settings}, personal: hidden,
			more: reading("Accounts_LoginExpiry", "Some_Object", "Some_Array", "Cloud_Workspace_Hidden"),
			want: "is not a bool, a number or a string",
		},
		"settings, a secret": {
			account: mayReadSettings, options: rocketchattest.Options{Settings: settings}, personal: hidden,
			more: reading("SMTP_Password"),
			want: "The setting is a secret",
		},
		"settings, truncated": {
			account: mayReadSettings, options: rocketchattest.Options{Settings: settings}, personal: hidden,
			fault: func(n int, r *http.Request, next http.Handler) http.Handler {
				if strings.HasSuffix(r.URL.Path, "/settings.public") {
					return rocketchattest.FaultTruncated(n, r, next)
				}
				return next
			},
			more: reading("Accounts_LoginExpiration"),
			want: "The response is truncated or malformed",
		},
		"logout": {
			account: mayLogOut, given: []string{"totp_secret"}, options: rocketchattest.Options{Sessions: toLogOut},
			more: endingOne,
		},
		"logout, echoed": {
			account: mayLogOut, given: []string{"totp_secret"}, options: rocketchattest.Options{Sessions: toLogOut},
			more: endingOne,
			fault: func(n int, r *http.Request, next http.Handler) http.Handler {
				if r.Method == http.MethodPost {
					return echoes()["error"].fault(n, r, next)
				}
				return next
			},
			want: "Rocket.Chat refused the request", byApply: true,
		},
		"no second factor":   {},
		"TOTP":               {account: totp, given: []string{"totp_secret"}},
		"TOTP, by variables": {account: totp, given: []string{"totp_secret"}, way: byVariable},
		"TOTP, by literals":  {account: totp, given: []string{"totp_secret"}, way: byLiteral},
		"everything":         {account: totp, given: []string{"totp_secret", "password", "code"}},
		"password":           {account: password, given: []string{"password"}},
		"password, literal":  {account: password, given: []string{"password"}, way: byLiteral},
		"backup code": {account: func(a *rocketchattest.Account, given map[string]string) {
			a.TOTPSecret, a.BackupCodes = rocketchattest.DefaultTOTPSecret, []string{given["code"]}
		}, given: []string{"code"}},
		"wrong token": {
			account: func(a *rocketchattest.Account, _ map[string]string) { a.Token = "another" },
			want:    "does not accept the user ID and token",
		},
		"wrong token, literal": {
			account: func(a *rocketchattest.Account, _ map[string]string) { a.Token = "another" },
			way:     byLiteral,
			want:    "does not accept the user ID and token",
		},
		"no permission": {
			account: func(a *rocketchattest.Account, _ map[string]string) { a.Permissions = nil },
			want:    "The account lacks a permission",
		},
		"no license": {options: rocketchattest.Options{NoLicense: true}, want: "no license for device management"},
		"TOTP wrong": {
			account: func(a *rocketchattest.Account, _ map[string]string) { a.TOTPSecret = rocketchattest.DefaultTOTPSecret },
			given:   []string{"totp_secret"},
			want:    "refused the TOTP code",
		},
		"TOTP wrong, and all": {
			account: func(a *rocketchattest.Account, _ map[string]string) { a.TOTPSecret = rocketchattest.DefaultTOTPSecret },
			given:   []string{"totp_secret", "password", "code"},
			want:    "refused the TOTP code",
		},
		"TOTP missing":      {account: totp, want: "A TOTP code is required"},
		"e-mail code wrong": {account: mail, given: []string{"code"}, want: "refused the code from the e-mail"},
		"e-mail asked for": {
			account: mail,
			env:     map[string]string{"ROCKETCHAT_TWO_FACTOR_METHOD": "email"},
			want:    "A code from an e-mail is required",
		},
		"password wrong": {
			account: func(a *rocketchattest.Account, _ map[string]string) { a.Password = "another" },
			given:   []string{"password"},
			want:    "refused the password",
		},
		"rate limit": {options: rocketchattest.Options{Synthetic: 1500}, account: func(a *rocketchattest.Account, _ map[string]string) {
			a.Permissions = []string{rocketchattest.PermissionView}
		}, want: "The rate limit does not let the read finish in time"},
		"HTML":                  {fault: response(200, "text/html", "<html>"), want: "A web page was returned"},
		"truncated":             {fault: rocketchattest.FaultTruncated, want: "The response is truncated or malformed"},
		"connection broken off": {fault: rocketchattest.FaultHangUp, want: "The connection to the workspace failed"},
		"connection refused":    {url: func(string) string { return "https://127.0.0.1:1" }, want: "The connection was refused"},
		"another name": {
			url:  func(workspace string) string { return strings.Replace(workspace, "127.0.0.1", "localhost", 1) },
			want: "certificate is for another host",
		},
		"token of two lines": {
			env:  map[string]string{"ROCKETCHAT_AUTH_TOKEN": "first-line-of-canary\nsecond-line-of-canary"},
			want: "must be a single line",
		},
		"token not ASCII": {
			env:  map[string]string{"ROCKETCHAT_AUTH_TOKEN": "canary–token–with–dashes"},
			want: "must contain only ASCII characters",
		},
		"headers not JSON": {
			env:  map[string]string{"ROCKETCHAT_HEADERS": "X-Gateway-Key: canary-key"},
			want: "must be a JSON object",
		},
		"malformed TOTP secret": {env: map[string]string{"ROCKETCHAT_TOTP_SECRET": "canary-not-base32-0189"}, want: "is not base32"},
		"password in the address": {
			env:  map[string]string{"ROCKETCHAT_URL": "https://canary-user:canary-url-password@chat.example.invalid"},
			want: "must not contain a user name or password",
		},
	}
	for name, echo := range echoes() {
		all["echo in "+name] = scenario{account: totp, given: []string{"totp_secret", "password", "code"}, fault: echo.fault, want: echo.want}
	}
	return all
}

// settingsWithSecrets are settings of a workspace, and the values of those that a scenario
// does not ask for, or must not get.
func settingsWithSecrets() (settings []rocketchattest.Setting, hidden map[string]string) {
	hidden = map[string]string{}
	settings = rocketchattest.DefaultSettings(rocketchattest.Release861)
	for i, s := range settings {
		switch s.ID {
		case "SMTP_Password", "SMTP_Username", "LDAP_Authentication_Password", "Site_Name", "theme-custom-css":
			hidden[s.ID] = secretText(s.ID)
			settings[i].Value = hidden[s.ID]
		}
	}
	for _, id := range []string{"Some_Array", "Some_Object", "Cloud_Workspace_Hidden", "Some_Public_Token"} {
		hidden[id] = secretText(id)
	}
	return append(settings,
		rocketchattest.Setting{ID: "Some_Array", Value: []string{hidden["Some_Array"]}, Public: true},
		rocketchattest.Setting{ID: "Some_Object", Value: map[string]string{"a": hidden["Some_Object"]}},
		rocketchattest.Setting{ID: "Cloud_Workspace_Hidden", Value: hidden["Cloud_Workspace_Hidden"], Hidden: true},
		rocketchattest.Setting{ID: "Some_Public_Token", Value: hidden["Some_Public_Token"], Public: true},
	), hidden
}

// reading is a data source that reads settings.
func reading(ids ...string) string {
	text, _ := json.Marshal(ids)
	return "data \"rocketchat_settings\" \"some\" {\n  ids = " + string(text) + "\n}\n"
}

type echo struct {
	fault rocketchattest.FaultFunc
	want  string
}

// echoes are servers that send each request's headers back in an error.
func echoes() map[string]echo {
	with := func(status int, contentType string, write func(headers string) (header http.Header, body string)) rocketchattest.FaultFunc {
		return func(_ int, r *http.Request, _ http.Handler) http.Handler {
			var lines []string
			for name, values := range r.Header {
				lines = append(lines, name+": "+strings.Join(values, ", "))
			}
			header, body := write(strings.Join(lines, "; "))
			if header == nil {
				header = http.Header{}
			}
			header.Set("Content-Type", contentType)
			return rocketchattest.FaultResponse(status, header, body)(0, nil, nil)
		}
	}
	object := func(field string) func(string) (http.Header, string) {
		return func(headers string) (http.Header, string) {
			body, _ := json.Marshal(map[string]any{"success": false, field: headers})
			return nil, string(body)
		}
	}
	plain := func(headers string) (http.Header, string) { return nil, headers }
	return map[string]echo{
		"error":     {with(400, "application/json", object("error")), "Rocket.Chat refused the request"},
		"message":   {with(500, "application/json", object("message")), "The workspace returned a server error"},
		"errorType": {with(200, "application/json", object("errorType")), "Rocket.Chat refused the request"},
		"text":      {with(403, "text/plain", plain), "Access was refused before Rocket.Chat"},
		"a page":    {with(200, "text/html", plain), "There is no Rocket.Chat API at this address"},
		"a number": {with(200, "application/json", func(headers string) (http.Header, string) {
			text, _ := json.Marshal(headers)
			return nil, `{"sessions":[{"loginAt":` + string(text) + `}],"total":1}`
		}), "The response is truncated or malformed"},
	}
}

// stage is a workspace behind TLS that asks for a client certificate, a second
// host, and a folder for one run.
type stage struct {
	folder  string
	cli     string
	given   map[string]string
	account rocketchattest.Account
	*rocketchattest.Workspace
	url        string
	second     *recorder
	secondHost string
	files      map[string]string
}

// recorder keeps what a host is sent.
type recorder struct {
	mu   sync.Mutex
	text strings.Builder
}

// ServeHTTP implements [http.Handler].
func (r *recorder) ServeHTTP(_ http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = request.Write(&r.text)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func newStage(t *testing.T, s scenario) *stage {
	t.Helper()
	st := &stage{folder: t.TempDir(), cli: clitest.Path(t, "../.."), given: newSecrets(t), second: &recorder{}}
	st.account = rocketchattest.Account{
		UserID: "canaryUser0000000", Username: "canary", Name: "Canary", Token: st.given["auth_token"],
		Permissions: []string{rocketchattest.PermissionView, rocketchattest.PermissionBypassLimit}, Email: "canary@example.invalid",
	}
	if s.account != nil {
		s.account(&st.account, st.given)
	}
	s.options.Accounts = []rocketchattest.Account{st.account}
	st.Workspace = rocketchattest.New(s.options)
	st.Fault(s.fault)
	certificate, key := clitest.NewCertificate(t, "canary")
	server := httptest.NewUnstartedServer(st.Workspace)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	second := httptest.NewServer(st.second)
	t.Cleanup(second.Close)
	st.url, st.secondHost = server.URL, second.URL
	st.given["client_key"] = key
	st.files = map[string]string{
		"ca.pem":     string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
		"client.pem": certificate,
		"cli.tfrc":   clitest.DevOverrides("terraform-rocketchat/rocketchat", os.Getenv(folderVariable)),
		"main.tf":    st.configuration(s),
	}
	for name, content := range st.files {
		if err := os.WriteFile(filepath.Join(st.folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

// configuration gives the secrets in the scenario's way.
func (st *stage) configuration(s scenario) string {
	value := func(name string) string {
		if s.way == byLiteral {
			literal, _ := json.Marshal(st.given[name])
			return string(literal)
		}
		return "var." + name
	}
	var b strings.Builder
	b.WriteString("terraform {\n  required_providers {\n    rocketchat = { source = \"terraform-rocketchat/rocketchat\" }\n  }\n}\n")
	if s.way != byLiteral {
		for _, name := range append([]string{"auth_token", "gateway", "client_key"}, s.given...) {
			ephemeral := ""
			if s.way == byEnvironment {
				ephemeral = "\n  ephemeral = true\n  default   = null"
			}
			fmt.Fprintf(&b, "variable %q {\n  type      = string\n  sensitive = true%s\n}\n", name, ephemeral)
		}
	}
	fmt.Fprintf(
		&b,
		"provider \"rocketchat\" {\n  tls = {\n"+
			"    ca_certificate_pem     = file(\"ca.pem\")\n"+
			"    client_certificate_pem = file(\"client.pem\")\n    client_key_pem         = %s\n  }\n  max_retries = 0\n",
		value("client_key"),
	)
	if s.way != byEnvironment {
		fmt.Fprintf(&b, "  headers = { X-Gateway-Key = %s }\n", value("gateway"))
		fmt.Fprintf(&b, "  auth_token = %s\n  two_factor = {\n", value("auth_token"))
		for _, name := range s.given {
			fmt.Fprintf(&b, "    %s = %s\n", name, value(name))
		}
		b.WriteString("  }\n")
	}
	b.WriteString(
		"}\ndata \"rocketchat_workspace_sessions\" \"all\" {\n  timeouts {\n    read = \"20s\"\n  }\n}\n" +
			"output \"matched\" {\n  value = data.rocketchat_workspace_sessions.all.matched\n}\n",
	)
	b.WriteString(s.more)
	return b.String()
}

// variables is the environment of the CLI.
func (st *stage) variables(s scenario) []string {
	all := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": st.folder, "TF_CLI_CONFIG_FILE": filepath.Join(st.folder, "cli.tfrc"),
		"TF_LOG": "TRACE", "TF_LOG_PATH": filepath.Join(st.folder, "trace.log"), "TF_IN_AUTOMATION": "1",
		"ROCKETCHAT_URL": st.url, "ROCKETCHAT_USER_ID": st.account.UserID,
	}
	if s.url != nil {
		all["ROCKETCHAT_URL"] = s.url(st.url)
	}
	for _, name := range append([]string{"auth_token", "gateway", "client_key"}, s.given...) {
		variable, ok := environment[name]
		if s.way != byEnvironment || !ok {
			variable = "TF_VAR_" + name
		}
		if s.way != byLiteral {
			all[variable] = st.given[name]
			if variable == environment["gateway"] {
				all[variable] = fmt.Sprintf("{%q: %q}", "X-Gateway-Key", st.given[name])
			}
		}
	}
	maps.Copy(all, s.env)
	maps.Copy(all, clitest.Environment())
	var list []string
	for name, value := range all {
		list = append(list, name+"="+value)
	}
	return list
}

// command runs the CLI, and keeps what it prints in files.
func (st *stage) command(t *testing.T, s scenario, to string, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), st.cli, args...)
	command.Dir, command.Env = st.folder, st.variables(s)
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	for name, text := range map[string]string{to + ".stdout": stdout.String(), to + ".stderr": stderr.String()} {
		if err := os.WriteFile(filepath.Join(st.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return stdout.String() + stderr.String(), err
}

// secrets are all that the run knew, with the codes that were sent.
func (st *stage) secrets(s scenario) map[string]string {
	all := map[string]string{"auth_token": st.given["auth_token"], "gateway": st.given["gateway"]}
	for i, line := range strings.Split(strings.TrimSpace(st.given["client_key"]), "\n") {
		if !strings.HasPrefix(line, "-----") {
			all[fmt.Sprint("client_key, line ", i)] = line
		}
	}
	for _, name := range s.given {
		all[name] = st.given[name]
	}
	maps.Copy(all, s.personal)
	for i, r := range st.Requests() {
		if code := r.Header.Get("X-2fa-Code"); code != "" {
			all[fmt.Sprint("code of request ", i)] = code
		}
	}
	for name, value := range s.env {
		if name == "ROCKETCHAT_URL" {
			all["password in the address"] = "canary-url-password"
			continue
		}
		for i, line := range strings.Split(value, "\n") {
			if strings.Contains(line, "canary") {
				all[fmt.Sprint(name, ", line ", i)] = line
			}
		}
	}
	return all
}

// search looks for secrets in every file that the run has left.
func (st *stage) search(t *testing.T, s scenario) {
	t.Helper()
	texts := map[string]string{"the second host": st.second.String()}
	err := filepath.WalkDir(st.folder, func(path string, entry fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if _, ours := st.files[name]; err != nil || entry.IsDir() || ours {
			return err
		}
		if s.way != byEnvironment && (name == "plan.bin" || name == "show.stdout") {
			return nil // see the comment of the package
		}
		content, err := os.ReadFile(path) //nolint:gosec // a folder of the test's own
		if err != nil {
			return err
		}
		texts[name], err = clitest.Unpacked(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(texts["trace.log"]) < 10_000 || !strings.Contains(texts["trace.log"], "[TRACE]") {
		t.Errorf("a log of %d bytes: it is not at level TRACE", len(texts["trace.log"]))
	}
	for name, secret := range st.secrets(s) {
		for where, text := range texts {
			if forms := clitest.FormsOf(secret, text); len(forms) > 0 {
				t.Errorf("%s holds %s %v", where, name, forms)
			}
		}
	}
}

func TestCanary_secretsAppearNowhere(t *testing.T) {
	t.Parallel()
	all := scenarios(t)
	if testing.Short() {
		few := map[string]scenario{}
		for _, name := range []string{"users", "settings", "everything", "TOTP, by literals", "TOTP wrong, and all", "echo in error"} {
			s, ok := all[name]
			if !ok {
				t.Fatalf("there is no scenario %q", name)
			}
			few[name] = s
		}
		all = few
	}
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStage(t, s)
			st.play(t, s)
		})
	}
}

// TestCanary_redirect has the workspace send the provider to a second
// host, with the headers in the address.
func TestCanary_redirect(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusFound, http.StatusPermanentRedirect} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			s := scenario{
				account: func(a *rocketchattest.Account, given map[string]string) { a.TOTPSecret = given["totp_secret"] },
				given:   []string{"totp_secret"}, want: "The workspace redirects to another address",
			}
			st := newStage(t, s)
			st.Fault(func(_ int, r *http.Request, _ http.Handler) http.Handler {
				return rocketchattest.FaultRedirect(
					status,
					st.secondHost+"/?token="+r.Header.Get("X-Auth-Token")+"&code="+r.Header.Get("X-2fa-Code"),
				)(
					0,
					nil,
					nil,
				)
			})
			st.play(t, s)
			if sent := st.second.String(); sent != "" {
				t.Errorf("the second host was asked: %s", sent)
			}
		})
	}
}

// play runs the CLI as the scenario says, and searches.
func (st *stage) play(t *testing.T, s scenario) {
	t.Helper()
	out, err := st.command(t, s, "plan", "plan", "-input=false", "-no-color", "-out=plan.bin")
	if s.byApply && err == nil {
		out, err = st.command(t, s, "apply", "apply", "-input=false", "-no-color", "plan.bin")
	}
	if s.want != "" {
		if err == nil || !said(s.want).MatchString(out) {
			t.Errorf("%v, want %q:\n%s", err, s.want, out)
		}
		st.search(t, s)
		return
	}
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, out)
	}
	if out, err := st.command(t, s, "show", "show", "-json", "plan.bin"); err != nil {
		t.Errorf("show: %v\n%s", err, out)
	}
	const plain = "-no-color"
	if out, err := st.command(t, s, "apply", "apply", "-input=false", plain, "plan.bin"); err != nil {
		t.Errorf("apply: %v\n%s", err, out)
	}
	state, err := os.ReadFile(filepath.Join(st.folder, "terraform.tfstate"))
	if err != nil || !strings.Contains(string(state), "session_id") {
		t.Errorf("the state holds no session: %v", err)
	}
	st.search(t, s)
}

// said is how a text is printed: lines are broken anywhere.
func said(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return regexp.MustCompile(strings.Join(words, `[\s│|]+`))
}
