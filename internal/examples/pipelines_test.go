// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const (
	pipelines = examplesRoot + "/pipelines"
	gitHub    = pipelines + "/github-actions.yml"
	gitLab    = pipelines + "/gitlab-ci.yml"
	jenkins   = pipelines + "/Jenkinsfile"
)

func TestGitHubActions_passActionlint(t *testing.T) {
	t.Parallel()
	file, err := filepath.Abs(gitHub)
	if err != nil {
		t.Fatal(err)
	}
	// Without the linters that a machine may have or not.
	r := run(t, t.TempDir(), nil, tool(t, "ACTIONLINT", "actionlint"), plain, "-shellcheck=", "-pyflakes=", file)
	if r.status != 0 || r.stdout != "" {
		t.Errorf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
	}
}

func TestPipelines_passShellcheck(t *testing.T) {
	t.Parallel()
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		skip(t, "there is no shellcheck")
	}
	scripts, err := filepath.Glob(pipelines + "/*.sh")
	if err != nil || len(scripts) < 5 {
		t.Fatalf("there are only %v: %v", scripts, err)
	}
	scripts = append(scripts, filepath.Join(examplesRoot, "policies", "new-devices", "update.sh"))
	if r := run(t, ".", nil, shellcheck, append([]string{"--shell=sh"}, scripts...)...); r.status != 0 {
		t.Errorf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
	}
}

// A tag can be moved, a commit cannot, and neither can a digest.
func TestPipelines_arePinned(t *testing.T) {
	t.Parallel()
	text := readFile(t, gitHub)
	uses := regexp.MustCompile(`(?m)uses: .*$`).FindAllString(text, -1)
	if len(uses) == 0 {
		t.Fatal("no action is used")
	}
	// The project's own workflows run the same.
	workflows := readFile(t, root+"/.github/workflows/test.yml") + readFile(t, root+"/.github/workflows/weekly.yml")
	pinned := regexp.MustCompile(`^uses: ([\w-]+/[\w-]+)(?:/[\w-]+)?(@[0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
	for _, line := range uses {
		parts := pinned.FindStringSubmatch(line)
		if len(parts) != 3 || !regexp.MustCompile(`uses: `+parts[1]+`(/[\w-]+)?`+parts[2]).MatchString(workflows) {
			t.Errorf("%s is not pinned as in the project's workflows", line)
		}
	}

	version := regexp.MustCompile(`github\.com/open-policy-agent/conftest[@ ](v[\d.]+)\b`)
	if ours, theirs := version.FindStringSubmatch(readFile(t, root+"/tools/conftest/go.mod")), version.FindStringSubmatch(text); len(ours) != 2 ||
		len(theirs) != 2 || ours[1] != theirs[1] {
		t.Errorf("the workflow installs %q, and the tests run %q", theirs, ours)
	}

	var pipeline gitLabPipeline
	parse(t, gitLab, &pipeline)
	for _, image := range []string{pipeline.Provider.Image, pipeline.Reads.Image.Name} {
		if !regexp.MustCompile(`^[\w/-]+:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$`).MatchString(image) {
			t.Errorf("%s has no digest with the version beside it", image)
		}
	}
}

// gitHubWorkflow and gitLabPipeline are the parts that the tests look at.
type gitHubWorkflow struct {
	Permissions map[string]string    `json:"permissions"`
	Env         map[string]string    `json:"env"`
	Jobs        map[string]gitHubJob `json:"jobs"`
}

type gitHubJob struct {
	Permissions map[string]string `json:"permissions"`
	Environment string            `json:"environment"`
	Env         map[string]string `json:"env"`
	Outputs     map[string]string `json:"outputs"`
	Steps       []gitHubStep      `json:"steps"`
}

type gitHubStep struct {
	ID   string            `json:"id"`
	Name string            `json:"name"`
	If   string            `json:"if"`
	Uses string            `json:"uses"`
	Run  string            `json:"run"`
	Env  map[string]string `json:"env"`
	With map[string]any    `json:"with"`
}

// step returns the step of a job with this name.
func (w gitHubWorkflow) step(t *testing.T, job, name string) gitHubStep {
	t.Helper()
	steps := w.Jobs[job].Steps
	i := slices.IndexFunc(steps, func(s gitHubStep) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("the job %s has no step %s", job, name)
	}
	return steps[i]
}

type gitLabPipeline struct {
	Stages    []string `json:"stages"`
	Variables any      `json:"variables"`
	Provider  struct {
		Stage       string     `json:"stage"`
		Image       string     `json:"image"`
		Environment any        `json:"environment"`
		Kept        gitLabKept `json:"artifacts"`
	} `json:"provider"`
	Reads struct {
		Stage string `json:"stage"`
		Image struct {
			Name string `json:"name"`
		} `json:"image"`
		Environment map[string]string `json:"environment"`
		Before      []string          `json:"before_script"`
	} `json:".reads"`
	Gate     gitLabJob `json:"gate"`
	JUnit    gitLabJob `json:"junit"`
	Workflow struct {
		Rules []map[string]string `json:"rules"`
	} `json:"workflow"`
}

type gitLabJob struct {
	Extends string     `json:"extends"`
	Script  []string   `json:"script"`
	Kept    gitLabKept `json:"artifacts"`
}

type gitLabKept struct {
	Paths   []string          `json:"paths"`
	Reports map[string]string `json:"reports"`
	Access  string            `json:"access"`
	When    string            `json:"when"`
}

// parse reads YAML with the parser of conftest.
func parse(t *testing.T, file string, into any) {
	t.Helper()
	file, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, t.TempDir(), nil, conftest(t), "parse", "--parser", "yaml", file)
	if r.status != 0 {
		t.Fatalf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
	}
	if err := json.Unmarshal([]byte(r.stdout), into); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Only the steps that read have secrets, in the only jobs with an environment.
func TestGitHubActions_keepSecretsToTheGate(t *testing.T) {
	t.Parallel()
	var workflow gitHubWorkflow
	parse(t, gitHub, &workflow)
	if len(workflow.Permissions) > 0 || workflow.Env != nil {
		t.Errorf("all jobs have %v and %v", workflow.Permissions, workflow.Env)
	}
	want := map[string]string{
		"ROCKETCHAT_URL":         "${{ vars.ROCKETCHAT_URL }}",
		"ROCKETCHAT_USER_ID":     "${{ vars.ROCKETCHAT_USER_ID }}",
		"ROCKETCHAT_AUTH_TOKEN":  "${{ secrets.ROCKETCHAT_AUTH_TOKEN }}",
		"ROCKETCHAT_TOTP_SECRET": "${{ secrets.ROCKETCHAT_TOTP_SECRET }}",
	}
	reads := map[string]string{"gate": "Gate", "rego": "Rego"}
	for name, job := range workflow.Jobs {
		permissions := map[string]string{"contents": "read"}
		if name == "rego" {
			permissions["actions"], permissions["security-events"] = "read", "write" // to upload its SARIF
		}
		if diff := gocmp.Diff(permissions, job.Permissions); diff != "" {
			t.Errorf("the permissions of %s (-want +got):\n%s", name, diff)
		}
		if job.Env != nil || (job.Environment != "") != (reads[name] != "") {
			t.Errorf("the job %s has %v and the environment %q", name, job.Env, job.Environment)
		}
		for _, step := range job.Steps {
			if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
				t.Errorf("a checkout of %s leaves its token behind", name)
			}
			if step.Name != "" && step.Name == reads[name] {
				if diff := gocmp.Diff(want, step.Env); diff != "" {
					t.Errorf("the gate's environment (-want +got):\n%s", diff)
				}
			} else if len(step.Env) > 0 {
				t.Errorf("another step gets %v", step.Env)
			}
		}
	}
}

func TestGitLabPipeline(t *testing.T) {
	t.Parallel()
	var got gitLabPipeline
	parse(t, gitLab, &got)
	var want gitLabPipeline
	want.Stages = []string{"build", "gate"}
	want.Workflow.Rules = []map[string]string{
		{"if": `$CI_PIPELINE_SOURCE == "schedule"`}, {"if": `$CI_PIPELINE_SOURCE == "web"`},
	}
	want.Provider = got.Provider
	want.Provider.Environment, want.Provider.Stage = nil, "build"
	want.Provider.Kept = gitLabKept{Paths: []string{"plugins/"}}
	want.Reads = got.Reads
	want.Reads.Environment, want.Reads.Stage = map[string]string{"name": "rocketchat", "action": "access"}, "gate"
	want.Gate = gitLabJob{
		Extends: ".reads", Script: got.Gate.Script,
		Kept: gitLabKept{Paths: []string{"summary.md", dataFile}, Access: "developer", When: "always"},
	}
	want.JUnit = gitLabJob{
		Extends: ".reads", Script: got.JUnit.Script,
		Kept: gitLabKept{Reports: map[string]string{"junit": "junit.xml"}, Access: "developer", When: "always"},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("the pipeline (-want +got):\n%s", diff)
	}
}

// pipeline is a script that somebody copied, and what it needs.
type pipeline struct {
	name, script string
	variables    map[string]string
	// outputs are the files that it leaves.
	outputs []string
	// junit is that it runs "terraform test".
	junit bool
	// plugins is the folder that has the provider when the script starts; by default that of the user.
	plugins string
}

// userPlugins is where a CLI looks for providers before it asks a registry.
const userPlugins = "~/.terraform.d/plugins"

// allPipelines takes the scripts out of the files that people copy.
func allPipelines(t *testing.T) []pipeline {
	t.Helper()
	var onGitHub gitHubWorkflow
	parse(t, gitHub, &onGitHub)
	var onGitLab gitLabPipeline
	parse(t, gitLab, &onGitLab)
	const apk = "apk() { [ \"$*\" = \"add --no-cache jq\" ]; }" // the image of the test has jq
	script := func(job gitLabJob) string {
		return strings.Join(slices.Concat([]string{apk}, onGitLab.Reads.Before, job.Script), "\n")
	}
	onJenkins := regexp.MustCompile(`(?m)^ +sh '(.*)'$`).FindAllStringSubmatch(readFile(t, jenkins), -1)
	if len(onJenkins) != 1 {
		t.Fatalf("Jenkins runs %q, want one script", onJenkins)
	}
	return []pipeline{
		{
			name: "GitHub", script: onGitHub.step(t, "gate", "Gate").Run, outputs: []string{"step.md"}, plugins: cachedPlugins(t, onGitHub),
			variables: map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "step.md"},
		},
		{name: "GitLab", script: script(onGitLab.Gate), outputs: []string{"summary.md"}, plugins: "plugins"},
		{name: "GitLab junit", script: script(onGitLab.JUnit), junit: true, plugins: "plugins"},
		{name: "Jenkins", script: onJenkins[0][1]},
		{name: "cron", script: "exec gate/cron.sh policy security@example.com", variables: map[string]string{"SENDMAIL": "./sendmail"}},
	}
}

// regoOnGitHub is the pipeline with rules in Rego, whose findings are other ones.
func regoOnGitHub(t *testing.T) pipeline {
	t.Helper()
	var onGitHub gitHubWorkflow
	parse(t, gitHub, &onGitHub)
	return pipeline{
		name: "GitHub rego", script: onGitHub.step(t, "rego", "Rego").Run, outputs: []string{"step.md"}, plugins: cachedPlugins(t, onGitHub),
		variables: map[string]string{
			"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "step.md", "RUNNER_TEMP": filepath.Dir(conftest(t)),
		},
	}
}

// cachedPlugins is the folder that one job leaves in the cache and the others take from it.
func cachedPlugins(t *testing.T, workflow gitHubWorkflow) string {
	t.Helper()
	var folders []string
	for _, job := range []string{"provider", "gate", "rego"} {
		for _, step := range workflow.Jobs[job].Steps {
			if strings.HasPrefix(step.Uses, "actions/cache@") {
				folders = append(folders, fmt.Sprint(step.With["path"]))
			}
		}
	}
	if len(folders) != 3 || folders[0] != folders[1] || folders[0] != folders[2] {
		t.Fatalf("the jobs share %q", folders)
	}
	return folders[0]
}

// copied is a repository of somebody who copied a pipeline and what it runs.
type copied struct {
	pipeline
	folder, temporary string
	// installed is the folder that has the provider.
	installed string
	variables map[string]string
}

// checkout copies the gate to where the heads of the pipelines say, with the
// provider where the job before has left it.
func (p pipeline) checkout(t *testing.T, c cli) copied {
	t.Helper()
	parent := t.TempDir()
	folder := filepath.Join(parent, "work")
	for from, to := range map[string]string{
		"../modules": "", "policies/gate": "policy", "pipelines": "gate", "pipelines/junit": "junit", "policies/conftest": "conftest",
		"policies/ephemeral-gate": "ephemeral",
	} {
		if err := os.CopyFS(filepath.Join(folder, to), os.DirFS(copyFolder(t, filepath.Join(examplesRoot, from)))); err != nil {
			t.Fatal(err)
		}
	}
	home := filepath.Join(parent, "home")
	plugins := filepath.Join(folder, strings.ReplaceAll(cmp.Or(p.plugins, userPlugins), "~", "../home"))
	if err := errors.Join(os.MkdirAll(home, 0o700), os.MkdirAll(filepath.Dir(plugins), 0o700), os.Symlink(os.Getenv(mirrorVariable), plugins)); err != nil {
		t.Fatal(err)
	}
	writeScript(t, filepath.Join(folder, "sendmail"), "cat >mail.txt")
	for _, script := range []string{"gate.sh", "junit.sh", "conftest.sh", "cron.sh"} {
		if err := os.Chmod(filepath.Join(folder, "gate", script), 0o700); err != nil { //nolint:gosec // as in the repository
			t.Fatal(err)
		}
	}
	variables := maps.Clone(p.variables)
	if variables == nil {
		variables = map[string]string{}
	}
	// Only the simulated CLI of some tests comes without a name.
	if c.path != "" {
		variables["TF"] = c.path
	}
	// As on the machine of a user, who has no file for the CLI.
	variables["HOME"], variables[cliConfigVariable] = home, ""
	// Where a plan file is while there is one.
	variables["TMPDIR"] = t.TempDir()
	return copied{pipeline: p, folder: folder, installed: plugins, temporary: variables["TMPDIR"], variables: variables}
}

func writeScript(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil { //nolint:gosec // a script
		t.Fatal(err)
	}
}

// run runs the script as its system does: both stop at the first command that fails.
func (c copied) run(t *testing.T, variables map[string]string) result {
	t.Helper()
	all := maps.Clone(c.variables)
	maps.Copy(all, variables)
	r := run(t, c.folder, all, "sh", "-ec", c.script)
	c.leavesNoPlan(t)
	return r
}

// leavesNoPlan expects nothing where the plan was, nor beside the configuration.
func (c copied) leavesNoPlan(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(c.temporary, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left: %v", left, err)
	}
	err = filepath.WalkDir(c.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // a file of the test
		// A plan file is an archive, and what "show -json" prints of it names its format.
		if bytes.HasPrefix(content, []byte("PK")) || bytes.Contains(content, []byte(`"format_version"`)) {
			t.Errorf("a plan is left: %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Atlantis runs the step of the guide in the folder of the configuration.
func TestAtlantis_runsTheGate(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	step := regexp.MustCompile(`(?m)^ +- run: (.*gate\.sh.*)$`).FindStringSubmatch(readFile(t, filepath.Join(root, "templates", "guides", "run-in-ci.md.tmpl")))
	if step == nil {
		t.Fatal("the guide shows no step")
	}
	now := time.Now()
	p := pipeline{name: "Atlantis", script: "cd policy\nexec " + step[1]}
	withFirst(t, func(t *testing.T, line cli) {
		for status, rows := range [][]rocketchattest.Session{lawful(now), append(lawful(now), session("sessionAway", "away", now, from("198.51.100.9")))} {
			if r := p.checkout(t, line).run(t, newWorkspace(t, rows).variables()); r.status != status {
				t.Errorf("exit code is %d, want %d:\n%s%s", r.status, status, r.stdout, r.stderr)
			}
		}
	})
}

func TestPipelines_exitCodes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	peaceful := newWorkspace(t, lawful(now))
	away := newWorkspace(t, append(lawful(now), session("sessionAway", "away.offender", now, from("198.51.100.9"))))
	const malformed = "Session policy: the rules could not be evaluated.\n"
	cases := []struct {
		name      string
		workspace *workspace
		change    map[string]string
		file      string
		status    int
		want      []string
	}{
		{name: "clean", workspace: peaceful, want: []string{"Session policy: no session breaks a rule.\n"}},
		{
			name:      "broken",
			workspace: away,
			status:    1,
			want: []string{
				"away.offender: Firefox 148.0 on Windows 11, from 198.51.100.9, last connected " + asSent(now) + ", session sessionAway\n",
				"Session policy: 1 rule is broken.\n",
			},
		},
		{
			name: "wrong token", workspace: peaceful, change: map[string]string{"ROCKETCHAT_AUTH_TOKEN": "a-token-of-nobody"},
			status: 2, want: []string{"FAILED " + refusal, malformed},
		},
		{
			name: "workspace down", workspace: peaceful, change: map[string]string{"ROCKETCHAT_URL": "http://127.0.0.1:1"},
			status: 2, want: []string{"Nothing listens at that host and port.", malformed},
		},
		{
			name: "no plan file", workspace: peaceful, status: 2, want: []string{"never so", malformed},
			file: "locals {\n  never = 1\n}\n\noutput \"known\" {\n  value = 1\n\n  precondition {\n" +
				"    condition     = local.never > 1\n    error_message = \"never so\"\n  }\n}\n",
		},
		{name: "no configuration", workspace: peaceful, status: 2, want: []string{malformed}, file: "{"},
	}
	all, first := allPipelines(t), identify(t, clitest.Path(t, root))
	withEach(t, func(t *testing.T, line cli) {
		for _, p := range all {
			if p.name != "GitHub" && (testing.Short() || line.name != first.name) {
				continue
			}
			few := cases
			// GitLab's gate and Jenkins' differ from GitHub's in what they leave, cron in whom it notifies, and other
			// CLIs in nothing: one case of each exit code.
			if testing.Short() || slices.Contains([]string{"GitLab", "Jenkins", "cron"}, p.name) || line.name != first.name {
				few = cases[:3]
			}
			for _, c := range few {
				t.Run(p.name+"/"+c.name, func(t *testing.T) {
					t.Parallel()
					repository := p.checkout(t, line)
					if c.file != "" {
						for _, folder := range []string{"policy", "junit"} {
							configuration{folder: filepath.Join(repository.folder, folder)}.keep(t, "more.tf", c.file)
						}
					}
					variables := c.workspace.variables()
					maps.Copy(variables, c.change)
					r := repository.run(t, variables)
					if r.status != c.status {
						t.Errorf("exit code is %d, want %d:\n%s%s", r.status, c.status, r.stdout, r.stderr)
					}
					said := r.stdout
					if p.name == "cron" && c.status != 0 {
						said = readFile(t, filepath.Join(repository.folder, "mail.txt"))
					}
					for _, want := range c.want {
						if p.name == "cron" && c.status == 0 {
							want = ""
						}
						if !strings.Contains(said, want) {
							t.Errorf("it does not say %q:\n%s", want, said)
						}
					}
					for _, name := range p.outputs {
						title := strings.TrimSuffix(c.want[len(c.want)-1], ".\n")
						if summary := readFile(t, filepath.Join(repository.folder, name)); !strings.HasPrefix(summary, "## "+title+"\n") {
							t.Errorf("the summary does not begin with %q:\n%s", title, summary)
						}
					}
				})
			}
		}
	})
}

// A gate takes its provider from the folder that the job before has left.
func TestPipelines_failWithoutTheProvider(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, lawful(time.Now()))
	for _, p := range clitest.Few(1, allPipelines(t)) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			repository := p.checkout(t, clis(t)[0])
			if err := os.Remove(repository.installed); err != nil {
				t.Fatal(err)
			}
			variables := w.variables()
			variables[cliConfigVariable] = withoutProvider(t)
			if r := repository.run(t, variables); r.status != 2 {
				t.Errorf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
			}
		})
	}
}

// withoutProvider is a CLI's configuration that leads to no provider.
func withoutProvider(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", t.TempDir())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestExamples_readmesOfPolicies(t *testing.T) {
	t.Parallel()
	for _, folder := range slices.Concat(folders(t), []string{"../modules/session-baseline"}) {
		if strings.HasPrefix(folder, "demo") || folder == "account-check" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(examplesRoot, folder, "README.md"))
		if err != nil {
			t.Error(err)
			continue
		}
		if how := "[Policies to copy](../README.md)"; strings.HasPrefix(folder, "policies/") && !strings.Contains(string(text), how) {
			t.Errorf("%s does not say how to use it: %s", folder, how)
		}
		for _, link := range regexp.MustCompile(`\]\(([^):#]+)\)`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(examplesRoot, folder, link[1])); err != nil {
				t.Errorf("%s: %v", folder, err)
			}
		}
	}
}
