// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"bytes"
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

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
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
	same(t, "what it says", result{}, r, cmp.AllowUnexported(result{}))
}

func TestPipelines_passShellcheck(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		skip(t, "there is no shellcheck")
	}
	scripts, err := filepath.Glob(pipelines + "/*.sh")
	if err != nil || len(scripts) < 5 {
		t.Fatalf("there are only %v: %v", scripts, err)
	}
	scripts = append(scripts, filepath.Join(examplesRoot, "policies", "new-devices", "update.sh"))
	run(t, ".", nil, shellcheck, append([]string{"--shell=sh"}, scripts...)...).ends(t, 0)
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
	Permissions, Env map[string]string
	Jobs             map[string]struct {
		Permissions, Env map[string]string
		Environment      string
		Steps            []gitHubStep
	}
}

type gitHubStep struct {
	Name, Uses, Run string
	Env             map[string]string
	With            map[string]any
}

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
	Stages    []string
	Variables any
	Provider  struct {
		Stage, Image string
		Environment  any
		Kept         gitLabKept `json:"artifacts"`
	}
	Reads struct {
		Stage       string
		Image       struct{ Name string }
		Environment map[string]string
		Before      []string `json:"before_script"`
	} `json:".reads"`
	Gate, JUnit gitLabJob
	Workflow    struct{ Rules []map[string]string }
}

type gitLabJob struct {
	Extends string
	Script  []string
	Kept    gitLabKept `json:"artifacts"`
}

type gitLabKept struct {
	Paths        []string
	Reports      map[string]string
	Access, When string
}

// parsed are files of YAML as JSON.
var parsed memory[string]

// parse reads YAML with the parser of conftest.
func parse(t *testing.T, file string, into any) {
	t.Helper()
	decode(t, parsed.get(file, func() string {
		r := run(t, ".", nil, conftest(t), "parse", "--parser", "yaml", file)
		r.ends(t, 0)
		return r.stdout
	}), into)
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
		same(t, "the permissions of "+name, permissions, job.Permissions)
		if job.Env != nil || (job.Environment != "") != (reads[name] != "") {
			t.Errorf("the job %s has %v and the environment %q", name, job.Env, job.Environment)
		}
		for _, step := range job.Steps {
			if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
				t.Errorf("a checkout of %s leaves its token behind", name)
			}
			if step.Name != "" && step.Name == reads[name] {
				same(t, "the gate's environment", want, step.Env)
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
	same(t, "the pipeline", want, got)
}

// pipeline is a script that somebody copied, and what it needs.
type pipeline struct {
	name, script string
	variables    map[string]string
	// summary is the file in Markdown that it leaves.
	summary string
	// junit is that it runs "terraform test".
	junit bool
	// plugins is the folder that has the provider when the script starts; by default that of the user.
	plugins string
	// few says that it differs from another one only in what it leaves, whom it notifies or where it runs.
	few bool
}

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
	// Atlantis runs the step of the guide in the folder of the configuration.
	onAtlantis := regexp.MustCompile(`(?m)^ +- run: (.*gate\.sh.*)$`).FindStringSubmatch(readFile(t, root+"/templates/guides/run-in-ci.md.tmpl"))
	if onAtlantis == nil {
		t.Fatal("the guide shows no step")
	}
	return []pipeline{
		{
			name: "GitHub", script: onGitHub.step(t, "gate", "Gate").Run, summary: "step.md", plugins: cachedPlugins(t, onGitHub),
			variables: map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "step.md"},
		},
		{name: "GitLab", script: script(onGitLab.Gate), summary: "summary.md", plugins: "plugins", few: true},
		{name: "GitLab junit", script: script(onGitLab.JUnit), junit: true, plugins: "plugins"},
		{name: "Jenkins", script: onJenkins[0][1], few: true},
		{name: "Atlantis", script: "cd policy\nexec " + onAtlantis[1], few: true},
		cron(),
	}
}

func cron() pipeline {
	return pipeline{
		name: "cron", script: "exec gate/cron.sh policy security@example.com", few: true, variables: map[string]string{"SENDMAIL": "./sendmail"},
	}
}

// regoOnGitHub is the pipeline with rules in Rego, whose findings are other ones.
func regoOnGitHub(t *testing.T) pipeline {
	t.Helper()
	var onGitHub gitHubWorkflow
	parse(t, gitHub, &onGitHub)
	return pipeline{
		name: "GitHub rego", script: onGitHub.step(t, "rego", "Rego").Run, plugins: cachedPlugins(t, onGitHub),
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
	folder, home := filepath.Join(parent, "work"), filepath.Join(parent, "home")
	for from, to := range map[string]string{
		"../modules": "", "policies/gate": "policy", "pipelines": "gate", "pipelines/junit": "junit", "policies/conftest": "conftest",
		"policies/ephemeral-gate": "ephemeral",
	} {
		copyFolder(t, filepath.Join(examplesRoot, from), filepath.Join(folder, to))
	}
	if p.plugins == "" {
		p.plugins = "~/.terraform.d/plugins"
	}
	plugins := filepath.Join(folder, strings.ReplaceAll(p.plugins, "~", "../home"))
	err := errors.Join(os.MkdirAll(home, 0o700), os.MkdirAll(filepath.Dir(plugins), 0o700), os.Symlink(os.Getenv(mirrorVariable), plugins))
	for _, script := range []string{"gate.sh", "junit.sh", "conftest.sh", "cron.sh"} {
		err = errors.Join(err, os.Chmod(filepath.Join(folder, "gate", script), 0o700)) //nolint:gosec // as in the repository
	}
	if err != nil {
		t.Fatal(err)
	}
	writeScript(t, filepath.Join(folder, "sendmail"), "cat >mail.txt")
	variables := map[string]string{
		// As on the machine of a user, who has no file for the CLI.
		"HOME": home, cliConfigVariable: "", "TF": c.path,
		// Where a plan file is while there is one.
		"TMPDIR": t.TempDir(),
	}
	maps.Copy(variables, p.variables)
	return copied{pipeline: p, folder: folder, installed: plugins, temporary: variables["TMPDIR"], variables: variables}
}

// relative has the scripts take a temporary folder that is relative to theirs, although the CLI works in the
// folder of the configuration.
func (c copied) relative(t *testing.T) copied {
	t.Helper()
	c.temporary, c.variables["TMPDIR"] = filepath.Join(c.folder, "tmp"), "tmp"
	if err := os.Mkdir(c.temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	return c
}

func writeScript(t *testing.T, name, text string) {
	t.Helper()
	write(t, name, "#!/bin/sh\n"+text+"\n")
	if err := os.Chmod(name, 0o700); err != nil { //nolint:gosec // a script
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

// Whatever people are called, a log has no command but the pipeline's own, a summary no markup, and a report is XML.
func TestPipelines_exitCodes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	peaceful := newWorkspace(t, lawful(now))
	away := newWorkspace(t, append(hostile(now), session("sessionAway", "away.offender", now, from("198.51.100.9"))))
	nothing := filepath.Join(t.TempDir(), "cli.tfrc")
	write(t, nothing, mirrorOf(t.TempDir()))
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
				"Session policy: 2 rules are broken.\n",
			},
		},
		{
			name: "wrong token", workspace: peaceful, change: map[string]string{"ROCKETCHAT_AUTH_TOKEN": "a-token-of-nobody"},
			status: 2, want: []string{"FAILED " + refusal, malformed},
		},
		// A gate takes its provider from the folder that the job before has left; without one, some do not start.
		{name: "no provider", workspace: peaceful, change: map[string]string{cliConfigVariable: nothing}, status: 2},
		{
			name: "workspace down", workspace: peaceful.down(), status: 2,
			want: []string{"The address begins with https, but the server speaks plain http", malformed},
		},
		{
			name: "no plan file", workspace: peaceful, status: 2, want: []string{"never so", malformed},
			file: "locals {\n  never = 1\n}\n\noutput \"known\" {\n  value = 1\n\n  precondition {\n" +
				"    condition     = local.never > 1\n    error_message = \"never so\"\n  }\n}\n",
		},
		{name: "no configuration", workspace: peaceful, status: 2, want: []string{malformed}, file: "{"},
	}
	line := first(t)
	for _, p := range clitest.Few(1, allPipelines(t)) {
		some := cases
		if testing.Short() {
			some = cases[1:2]
		} else if p.few {
			some = cases[:4]
		}
		for _, c := range some {
			t.Run(p.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				repository := p.checkout(t, line).withData()
				if c.file != "" {
					for _, folder := range []string{"policy", "junit"} {
						write(t, filepath.Join(repository.folder, folder, "more.tf"), c.file)
					}
				}
				if c.name == "no provider" {
					if err := os.Remove(repository.installed); err != nil {
						t.Fatal(err)
					}
				}
				variables := c.workspace.variables()
				maps.Copy(variables, c.change)
				r := repository.run(t, variables)
				switch {
				case c.name == "no provider":
					r.ends(t, c.status)
					return
				case p.name != "cron":
					r.ends(t, c.status, c.want...)
				case c.status == 0:
					same(t, "it is not silent", result{}, r, cmp.AllowUnexported(result{}))
				default:
					result{status: r.status, stdout: readFile(t, filepath.Join(repository.folder, "mail.txt"))}.ends(t, c.status, c.want...)
				}
				if p.summary != "" {
					title := strings.TrimSuffix(c.want[len(c.want)-1], ".\n")
					if summary := readFile(t, filepath.Join(repository.folder, p.summary)); !strings.HasPrefix(summary, "## "+title+"\n") {
						t.Errorf("the summary does not begin with %q:\n%s", title, summary)
					}
				}
				repository.data(t, c.status)
				if c.status == 1 {
					files := 2
					if p.name == "Atlantis" {
						files = 1
					}
					repository.looksClean(t, r, files)
				}
			})
		}
	}
}
