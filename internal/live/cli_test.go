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
func (s *suite) checkCLI(ctx context.Context) {
	if s.cli == "" {
		s.skip("the CLI", "there is none")
		return
	}
	s.runCLI(ctx, "CLI: wrong token", map[string]string{"ROCKETCHAT_AUTH_TOKEN": wrongToken},
		[]block{{source: rolesSource}}, "does not accept the user ID and token")
	if s.refused != nil {
		s.runCLI(ctx, "CLI: refused", nil, []block{{source: workspaceSessions}}, s.refused[0])
	}
	s.runCLI(ctx, "CLI", nil, s.chosen, "")
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

// runCLI plans and applies blocks; or, with a text that is wanted, plans and fails with it.
func (s *suite) runCLI(ctx context.Context, name string, other map[string]string, blocks []block, want string) {
	if s.nextWindow != nil {
		s.nextWindow()
	}
	c := s.newCLIRun(other, blocks)
	defer os.RemoveAll(c.folder) //nolint:errcheck // a temporary folder
	said, err := c.command(ctx, "plan", "-input=false", "-no-color", "-out=plan.bin")
	var problems []string
	if want == "" && err == nil {
		if said, err = c.command(ctx, "apply", "-input=false", "-no-color", "plan.bin"); err == nil {
			problems = c.judge(blocks)
		}
	}
	if (want == "") != (err == nil) || !contains(said, want) {
		problems = append(problems, fmt.Sprintf("it ended with %v, want %q: %s", err, want, said))
	}
	s.verify(name, problems...)
	s.verify(name+": no secret in any file or output at TRACE", c.search()...)
}

// contains finds a text in what a CLI prints, which breaks lines anywhere.
func contains(output, text string) bool {
	words := strings.FieldsFunc(output, func(c rune) bool { return strings.ContainsRune(" \n│|", c) })
	return strings.Contains(strings.Join(words, " "), text)
}

// blockName is the name of a block in the configuration.
func blockName(n int) string { return fmt.Sprint("block", n) }

func (s *suite) newCLIRun(other map[string]string, blocks []block) *cliRun {
	c := &cliRun{s: s, folder: must(os.MkdirTemp("", "rocketchat-live-")), other: other, began: time.Now()}
	data := map[string]config{}
	for n, each := range blocks {
		if data[each.source] == nil {
			data[each.source] = config{}
		}
		data[each.source][blockName(n)] = patient(each.arguments)
	}
	const source = "terraform-rocketchat/rocketchat"
	settings := filepath.Join(c.folder, "cli.tfrc")
	check(os.WriteFile(settings, []byte(clitest.DevOverrides(source, s.folder)), 0o600))
	check(os.WriteFile(filepath.Join(c.folder, "main.tf.json"), []byte(encoded(config{
		"terraform": config{"required_providers": config{"rocketchat": config{"source": source}}}, "data": data,
	})), 0o600))
	env := map[string]string{}
	for _, variable := range os.Environ() {
		// What the user has set for Terraform could redirect the provider.
		if name, value, _ := strings.Cut(variable, "="); !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "ROCKETCHAT_") {
			env[name] = value
		}
	}
	for _, more := range []map[string]string{
		{"TF_CLI_CONFIG_FILE": settings, "TF_IN_AUTOMATION": "1", "TF_LOG": "TRACE", "TF_LOG_PATH": filepath.Join(c.folder, "trace.log")},
		clitest.Environment(), s.env, other,
	} {
		maps.Copy(env, more)
	}
	for name, value := range env {
		c.env = append(c.env, name+"="+value)
	}
	return c
}

// command runs the CLI, and keeps what it prints in a file. An error is its exit code.
func (c *cliRun) command(ctx context.Context, args ...string) (said string, exit error) {
	command := exec.CommandContext(ctx, c.s.cli, args...)
	command.Dir, command.Env = c.folder, c.env
	output, exit := command.CombinedOutput()
	if _, ended := errors.AsType[*exec.ExitError](exit); !ended {
		check(exit)
	}
	check(os.WriteFile(filepath.Join(c.folder, args[0]+".output"), output, 0o600))
	return string(output), exit
}

// judge compares what is in the state.
func (c *cliRun) judge(blocks []block) (problems []string) {
	var state struct {
		Resources []struct {
			Name      string
			Instances []struct{ Attributes map[string]any }
		}
	}
	check(json.Unmarshal(must(os.ReadFile(filepath.Join(c.folder, "terraform.tfstate"))), &state))
	read := map[string]map[string]any{}
	for _, resource := range state.Resources {
		read[resource.Name] = resource.Instances[0].Attributes
		if values, ok := read[resource.Name]["values"].(map[string]any); ok {
			read[resource.Name]["values"] = values["value"] // beside its type, which is dynamic
		}
	}
	for n, each := range blocks {
		name := blockName(n)
		if read[name] == nil {
			problems = append(problems, "the state lacks "+each.source)
			continue
		}
		for _, problem := range each.judge(resultOf(read[name])) {
			if problem != "" {
				problems = append(problems, each.source+": "+problem)
			}
		}
	}
	return problems
}

// search looks for secrets in all that the CLI has left, but for what the suite itself wrote.
func (c *cliRun) search() (leaks []string) {
	traced := false
	left := os.DirFS(c.folder)
	check(fs.WalkDir(left, ".", func(path string, entry fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if err != nil || entry.IsDir() || name == "main.tf.json" || name == "cli.tfrc" {
			return err
		}
		text := must(clitest.Unpacked(must(fs.ReadFile(left, path))))
		traced = traced || name == "trace.log" && strings.Contains(text, "[TRACE]")
		leaks = append(leaks, c.s.secretsIn(name, text)...)
		leaks = append(leaks, c.codesIn(name, text)...)
		return nil
	}))
	if !traced {
		leaks = append(leaks, "the log is not at level TRACE")
	}
	return leaks
}

// secretsIn are the secrets that a text holds, in any form.
func (s *suite) secretsIn(name, text string) []string {
	secrets := map[string]string{"another token": wrongToken, "another TOTP secret": s.wrongSecret(), "the TOTP secret": s.raw.totpSecret}
	for _, variable := range []string{"AUTH_TOKEN", "TOTP_SECRET", "PASSWORD", "TWO_FACTOR_CODE"} {
		secrets["ROCKETCHAT_"+variable] = s.env["ROCKETCHAT_"+variable]
	}
	maps.Copy(secrets, headersOf(s.env["ROCKETCHAT_HEADERS"]))
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
