// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
)

// checkCLI reads every list through the CLI at the most talkative level, is refused with another
// token, and looks for secrets in everything that is left.
func (s *suite) checkCLI(ctx context.Context) error {
	err := s.runCLI(ctx, "CLI: wrong token", map[string]string{"ROCKETCHAT_AUTH_TOKEN": wrongToken},
		[]block{{source: rolesSource, name: "refused"}}, "does not accept the user ID and token")
	if err == nil && s.refused != nil {
		err = s.runCLI(ctx, "CLI: refused", nil, []block{{source: workspaceSessions, name: "refused"}}, s.refused[0])
	}
	if err != nil {
		return err
	}
	return s.runCLI(ctx, "CLI", nil, s.chosen, "")
}

// cliRun is one folder, and what a CLI leaves in it.
type cliRun struct {
	s      *suite
	folder string
	env    []string
	began  time.Time
	// other are environment variables that differ from the suite's.
	other map[string]string
}

// runCLI plans, shows and applies blocks; or, with a text that is wanted, plans and fails with it.
func (s *suite) runCLI(ctx context.Context, name string, other map[string]string, blocks []block, want string) error {
	if s.nextWindow != nil {
		s.nextWindow()
	}
	c, err := s.newCLIRun(other, blocks)
	if err != nil {
		return err
	}
	defer os.RemoveAll(c.folder) //nolint:errcheck // a temporary folder
	output, err := c.command(ctx, "plan", "plan", "-input=false", "-no-color", "-out=plan.bin")
	var problems []string
	switch exit, failed := errors.AsType[*exec.ExitError](err); {
	case err != nil && !failed:
		return err
	case want != "":
		if !failed || !contains(output, want) {
			problems = append(problems, fmt.Sprintf("exit code %v without %q: %s", err, want, output))
		}
	case failed:
		problems = append(problems, fmt.Sprintf("plan ended with %v: %s", exit, output))
	default:
		shown, err := c.command(ctx, "show", "show", "-json", "plan.bin")
		if err != nil {
			problems = append(problems, fmt.Sprintf("show ended with %v", err))
		}
		problems = append(problems, c.judge(shown, blocks)...)
		if output, err := c.command(ctx, "apply", "apply", "-input=false", "-no-color", "plan.bin"); err != nil {
			problems = append(problems, fmt.Sprintf("apply ended with %v: %s", err, output))
		}
	}
	s.verify(name, problems...)
	leaks, err := c.search()
	if err != nil {
		return err
	}
	s.verify(name+": no secret in any file or output at TRACE", leaks...)
	return nil
}

// contains finds a text in what a CLI prints, which breaks lines anywhere.
func contains(output, text string) bool {
	words := strings.FieldsFunc(output, func(c rune) bool { return strings.ContainsRune(" \n│|", c) })
	return strings.Contains(strings.Join(words, " "), text)
}

func (s *suite) newCLIRun(other map[string]string, blocks []block) (*cliRun, error) {
	folder, err := os.MkdirTemp("", "rocketchat-live-")
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("terraform {\n  required_providers {\n    rocketchat = {\n      source = \"terraform-rocketchat/rocketchat\"\n    }\n  }\n}\n")
	for _, each := range blocks {
		fmt.Fprintf(&b, "data %q %q {\n  %s\n  timeouts {\n    read = %q\n  }\n}\n", each.source, each.name, each.arguments, patience)
	}
	settings := filepath.Join(folder, "cli.tfrc")
	env := map[string]string{}
	for _, variable := range os.Environ() {
		// What the user has set for Terraform could redirect the provider.
		if name, value, _ := strings.Cut(variable, "="); !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "ROCKETCHAT_") {
			env[name] = value
		}
	}
	for _, more := range []map[string]string{
		{"TF_CLI_CONFIG_FILE": settings, "TF_IN_AUTOMATION": "1", "TF_LOG": "TRACE", "TF_LOG_PATH": filepath.Join(folder, "trace.log")},
		clitest.Environment(), s.env, other,
	} {
		maps.Copy(env, more)
	}
	c := &cliRun{s: s, folder: folder, other: other, began: time.Now()}
	for name, value := range env {
		c.env = append(c.env, name+"="+value)
	}
	return c, errors.Join(
		os.WriteFile(filepath.Join(folder, "main.tf"), []byte(b.String()), 0o600),
		os.WriteFile(settings, []byte(clitest.DevOverrides("terraform-rocketchat/rocketchat", s.folder)), 0o600),
	)
}

// command runs the CLI, and keeps what it prints in files.
func (c *cliRun) command(ctx context.Context, to string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, c.s.cli, args...)
	command.Dir, command.Env = c.folder, c.env
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	for name, text := range map[string]string{to + ".stdout": stdout.String(), to + ".stderr": stderr.String()} {
		err = errors.Join(err, os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o600))
	}
	if to == "show" {
		return stdout.String(), err
	}
	return stdout.String() + stderr.String(), err
}

// judge compares what a plan has read.
func (c *cliRun) judge(shown string, blocks []block) []string {
	var plan struct {
		State struct {
			Values struct {
				Root struct {
					Resources []struct {
						Address string         `json:"address"`
						Values  map[string]any `json:"values"`
					} `json:"resources"`
				} `json:"root_module"`
			} `json:"values"`
		} `json:"prior_state"`
	}
	if err := json.Unmarshal([]byte(shown), &plan); err != nil {
		return []string{fmt.Sprintf("the plan in JSON: %v", err)}
	}
	read := map[string]map[string]any{}
	for _, resource := range plan.State.Values.Root.Resources {
		read[resource.Address] = resource.Values
	}
	var problems []string
	for _, each := range blocks {
		address := "data." + each.source + "." + each.name
		values, ok := read[address]
		if !ok {
			problems = append(problems, "the plan lacks "+address)
			continue
		}
		for _, problem := range each.judge(values) {
			problems = append(problems, address+": "+problem)
		}
	}
	return problems
}

// search looks for secrets in all that the CLI has left, but for what the suite itself wrote.
func (c *cliRun) search() ([]string, error) {
	var leaks []string
	traced := false
	left := os.DirFS(c.folder)
	err := fs.WalkDir(left, ".", func(path string, entry fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if err != nil || entry.IsDir() || name == "main.tf" || name == "cli.tfrc" {
			return err
		}
		content, err := fs.ReadFile(left, path)
		if err != nil {
			return err
		}
		text, err := clitest.Unpacked(content)
		traced = traced || name == "trace.log" && strings.Contains(text, "[TRACE]")
		leaks = append(leaks, c.s.secretsIn(name, text)...)
		leaks = append(leaks, c.codesIn(name, text)...)
		return err
	})
	if !traced {
		leaks = append(leaks, "the log is not at level TRACE")
	}
	return leaks, err
}

// secretsIn are the secrets that a text holds, in any form.
func (s *suite) secretsIn(name, text string) []string {
	secrets := map[string]string{"another token": wrongToken, "another TOTP secret": s.wrongSecret()}
	for _, variable := range []string{"AUTH_TOKEN", "TOTP_SECRET", "PASSWORD", "TWO_FACTOR_CODE"} {
		secrets["ROCKETCHAT_"+variable] = s.env["ROCKETCHAT_"+variable]
	}
	maps.Copy(secrets, headersOf(s.env["ROCKETCHAT_HEADERS"]))
	if s.raw.totpSecret != "" {
		secrets["the TOTP secret"] = s.raw.totpSecret
	}
	var leaks []string
	for secret, value := range secrets {
		if value == "" {
			continue
		}
		if forms := clitest.FormsOf(value, text); len(forms) > 0 {
			leaks = append(leaks, fmt.Sprintf("%s holds %s %v", name, secret, forms))
		}
	}
	return leaks
}

// Times and process ids can look like a code.
var likeCodes = regexp.MustCompile(`\d\d:\d\d:\d\d[.,]\d+|pid=\d+`)

// codesIn are the TOTP codes of the time of the run that a text holds.
func (c *cliRun) codesIn(name, text string) []string {
	secret := c.s.raw.totpSecret
	if other, ok := c.other["ROCKETCHAT_TOTP_SECRET"]; ok {
		secret = other
	}
	if secret == "" {
		return nil
	}
	text = likeCodes.ReplaceAllString(text, "")
	var leaks []string
	for at := c.began.Add(-30 * time.Second); at.Before(time.Now().Add(30 * time.Second)); at = at.Add(30 * time.Second) {
		if regexp.MustCompile(`(^|[^0-9A-Za-z])` + codeAt(secret, at) + `([^0-9A-Za-z]|$)`).MatchString(text) {
			leaks = append(leaks, name+" holds a TOTP code")
		}
	}
	return leaks
}
