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
	"testing"

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

// secret names are those of variables in the configuration.
var environment = map[string]string{
	"auth_token": "ROCKETCHAT_AUTH_TOKEN", "totp_secret": "ROCKETCHAT_TOTP_SECRET",
	"code": "ROCKETCHAT_TWO_FACTOR_CODE", "password": "ROCKETCHAT_PASSWORD",
	"gateway": "ROCKETCHAT_HEADERS",
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

// stage is a workspace behind TLS that asks for a client certificate, a second
// host, and a folder for one run.
type stage struct {
	folder  string
	cli     string
	given   map[string]string
	account rocketchattest.Account
	*rocketchattest.Workspace
	url        string
	secondHost string
	files      map[string]string
}

func newStage(t *testing.T, s scenario) *stage {
	t.Helper()
	st := &stage{folder: t.TempDir(), cli: clitest.Path(t, "../.."), given: newSecrets(t)}
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
	second := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the second host was asked: %s %v", r.URL, r.Header)
	}))
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
		st.write(t, name, content)
	}
	return st
}

func (st *stage) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(st.folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
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
	variable := "variable %q {\n  type      = string\n  sensitive = true\n}\n"
	if s.way == byEnvironment {
		variable = "variable %q {\n  type      = string\n  sensitive = true\n  ephemeral = true\n  default   = null\n}\n"
	}
	text := "terraform {\n  required_providers {\n    rocketchat = { source = \"terraform-rocketchat/rocketchat\" }\n  }\n}\n"
	if s.way != byLiteral {
		for _, name := range append([]string{"auth_token", "gateway", "client_key"}, s.given...) {
			text += fmt.Sprintf(variable, name)
		}
	}
	text += "provider \"rocketchat\" {\n  tls = {\n    ca_certificate_pem     = file(\"ca.pem\")\n" +
		"    client_certificate_pem = file(\"client.pem\")\n    client_key_pem         = " + value("client_key") + "\n  }\n  max_retries = 0\n"
	if s.way != byEnvironment {
		text += "  headers = { X-Gateway-Key = " + value("gateway") + " }\n  auth_token = " + value("auth_token") + "\n  two_factor = {\n"
		for _, name := range s.given {
			text += "    " + name + " = " + value(name) + "\n"
		}
		text += "  }\n"
	}
	return text + "}\ndata \"rocketchat_workspace_sessions\" \"all\" {\n  timeouts {\n    read = \"20s\"\n  }\n}\n" +
		"output \"matched\" {\n  value = data.rocketchat_workspace_sessions.all.matched\n}\n" + s.more
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
	st.write(t, to+".stdout", stdout.String())
	st.write(t, to+".stderr", stderr.String())
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
	texts := map[string]string{}
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
		all = map[string]scenario{"everything": all["everything"], "echo in error": all["echo in error"]}
	}
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newStage(t, s).play(t, s)
		})
	}
}

// TestCanary_redirect has the workspace send the provider to a second
// host, with the headers in the address.
func TestCanary_redirect(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	for _, status := range []int{http.StatusFound, http.StatusPermanentRedirect} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			s := scenarios(t)["everything"]
			s.want = "The workspace redirects to another address"
			st := newStage(t, s)
			st.Fault(func(_ int, r *http.Request, _ http.Handler) http.Handler {
				address := st.secondHost + "/?token=" + r.Header.Get("X-Auth-Token") + "&code=" + r.Header.Get("X-2fa-Code")
				return rocketchattest.FaultRedirect(status, address)(0, nil, nil)
			})
			st.play(t, s)
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
	if out, err := st.command(t, s, "apply", "apply", "-input=false", "-no-color", "plan.bin"); err != nil {
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
