// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	gitHub = examplesRoot + "/pipelines/github-actions.yml"
	gitLab = examplesRoot + "/pipelines/gitlab-ci.yml"
)

func TestGitHubActionsPassActionlint(t *testing.T) {
	t.Parallel()
	file, err := filepath.Abs(gitHub)
	if err != nil {
		t.Fatal(err)
	}
	// Without the linters that a machine may have or not.
	r := run(t, t.TempDir(), nil, tool(t, "ACTIONLINT", "actionlint"), plain, "-shellcheck=", "-pyflakes=", file)
	if r.status != 0 || r.stdout != "" {
		t.Errorf("status is %d:\n%s%s", r.status, r.stdout, r.stderr)
	}
}

// A tag can be moved, a commit cannot.
func TestGitHubActionsArePinned(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(gitHub)
	if err != nil {
		t.Fatal(err)
	}
	uses := regexp.MustCompile(`(?m)uses: .*$`).FindAllString(string(text), -1)
	if len(uses) == 0 {
		t.Fatal("no action is used")
	}
	pinned := regexp.MustCompile(`^uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, line := range uses {
		if !pinned.MatchString(line) {
			t.Errorf("%s has no commit with the version beside it", line)
		}
	}
}

// gitHubWorkflow and gitLabPipeline are the parts that the tests look at.
type gitHubWorkflow struct {
	Permissions map[string]string `json:"permissions"`
	Jobs        map[string]struct {
		Steps []struct {
			Name string            `json:"name"`
			Run  string            `json:"run"`
			Env  map[string]string `json:"env"`
		} `json:"steps"`
	} `json:"jobs"`
}

type gitLabPipeline struct {
	Stages   []string      `json:"stages"`
	Provider gitLabJob     `json:"provider"`
	Gate     gitLabJob     `json:"gate"`
	Workflow gitLabControl `json:"workflow"`
}

type gitLabJob struct {
	Stage       string            `json:"stage"`
	Environment map[string]string `json:"environment"`
	Variables   map[string]string `json:"variables"`
	Script      []string          `json:"script"`
}

type gitLabControl struct {
	Rules []map[string]string `json:"rules"`
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
		t.Fatalf("status is %d:\n%s%s", r.status, r.stdout, r.stderr)
	}
	if err := json.Unmarshal([]byte(r.stdout), into); err != nil {
		t.Fatal(err)
	}
}

// gitHubGate is the script of the workflow's gate.
func gitHubGate(t *testing.T) (script string, variables map[string]string) {
	t.Helper()
	var workflow gitHubWorkflow
	parse(t, gitHub, &workflow)
	if diff := cmp.Diff(map[string]string{"contents": "read"}, workflow.Permissions); diff != "" {
		t.Errorf("the workflow's permissions (-want +got):\n%s", diff)
	}
	for _, step := range workflow.Jobs["gate"].Steps {
		if step.Name == "Gate" {
			return step.Run, step.Env
		}
		if len(step.Env) > 0 {
			t.Errorf("a step before the gate gets %v", step.Env)
		}
	}
	t.Fatal("there is no step Gate")
	return "", nil
}

func TestGitHubActionsTakeSecretsFromTheEnvironment(t *testing.T) {
	t.Parallel()
	_, variables := gitHubGate(t)
	want := map[string]string{
		"ROCKETCHAT_URL":         "${{ vars.ROCKETCHAT_URL }}",
		"ROCKETCHAT_USER_ID":     "${{ vars.ROCKETCHAT_USER_ID }}",
		"ROCKETCHAT_AUTH_TOKEN":  "${{ secrets.ROCKETCHAT_AUTH_TOKEN }}",
		"ROCKETCHAT_TOTP_SECRET": "${{ secrets.ROCKETCHAT_TOTP_SECRET }}",
	}
	if diff := cmp.Diff(want, variables); diff != "" {
		t.Errorf("the gate's environment (-want +got):\n%s", diff)
	}
}

func TestGitLabPipelineRunsOnSchedule(t *testing.T) {
	t.Parallel()
	var pipeline gitLabPipeline
	parse(t, gitLab, &pipeline)
	want := gitLabPipeline{
		Stages:   []string{"build", "gate"},
		Provider: gitLabJob{Stage: "build", Script: pipeline.Provider.Script},
		// The variables are scoped to this environment, so that the other job has none.
		Gate: gitLabJob{
			Stage: "gate", Script: pipeline.Gate.Script,
			Environment: map[string]string{"name": "rocketchat", "action": "access"},
		},
		Workflow: gitLabControl{Rules: []map[string]string{
			{"if": `$CI_PIPELINE_SOURCE == "schedule"`}, {"if": `$CI_PIPELINE_SOURCE == "web"`},
		}},
	}
	if diff := cmp.Diff(want, pipeline); diff != "" {
		t.Errorf("the pipeline (-want +got):\n%s", diff)
	}
}

// A tag can be moved, a digest cannot.
func TestGitLabImagesArePinned(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(gitLab)
	if err != nil {
		t.Fatal(err)
	}
	images := regexp.MustCompile(`(?m)^ +(?:image|name): +(\S+:\S+)$`).FindAllStringSubmatch(string(text), -1)
	if len(images) != 2 {
		t.Fatalf("there are %d images, want 2: %q", len(images), images)
	}
	for _, image := range images {
		if !regexp.MustCompile(`^[\w/-]+:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$`).MatchString(image[1]) {
			t.Errorf("%s has no digest with the version beside it", image[1])
		}
	}
}

// The scripts of both pipelines end with the statuses that their heads list.
func TestPipelinesEndWithTheirStatuses(t *testing.T) {
	t.Parallel()
	onGitHub, _ := gitHubGate(t)
	var onGitLab gitLabPipeline
	parse(t, gitLab, &onGitLab)
	scripts := map[string]string{
		// GitHub's working-directory.
		"GitHub": "cd policy\n" + onGitHub,
		"GitLab": strings.Join(onGitLab.Gate.Script, "\n"),
	}

	if testing.Short() {
		delete(scripts, "GitLab")
	}

	now := time.Now()
	peaceful := newWorkspace(t, lawful(now))
	away := newWorkspace(t, append(lawful(now), session("sessionAway", "away.offender", now, from("198.51.100.9"))))
	for name, c := range map[string]struct {
		workspace *workspace
		change    map[string]string
		status    int
		want      string
	}{
		"lawful": {workspace: peaceful, want: "No session breaks a rule.\n"},
		"unlawful": {workspace: away, status: 1, want: "1 of 7 sessions come from outside the company's networks:\n" +
			"  away.offender, from 198.51.100.9\nA rule is broken.\n"},
		"unreadable": {
			workspace: peaceful, change: map[string]string{"ROCKETCHAT_AUTH_TOKEN": "a-token-of-nobody"},
			status: 2, want: "The rules could not be evaluated.\n",
		},
		"uninitialised": {
			workspace: peaceful, change: map[string]string{cliConfigVariable: withoutProvider(t), "CI_PROJECT_DIR": os.DevNull},
			status: 2,
		},
	} {
		for pipeline, script := range scripts {
			t.Run(pipeline+"/"+name, func(t *testing.T) {
				t.Parallel()
				variables := c.workspace.variables()
				folder := checkout(t)
				variables["CI_PROJECT_DIR"] = folder
				// One command line is enough: the scripts only look at its status and errors.
				variables["PATH"] = pathWith(t, commandLines(t)[0])
				maps.Copy(variables, c.change)
				// Both stop at the first command that fails.
				r := run(t, folder, variables, "sh", "-ec", script)
				if r.status != c.status {
					t.Errorf("status is %d, want %d:\n%s%s", r.status, c.status, r.stdout, r.stderr)
				}
				if !strings.HasSuffix(r.stdout, c.want) {
					t.Errorf("it does not print %q in the end:\n%s", c.want, r.stdout)
				}
			})
		}
	}
}

// withoutProvider is a command line's configuration that leads to no provider.
func withoutProvider(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", t.TempDir())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// checkout is a repository of somebody who copied the gate, and the provider
// where GitLab's job before has left it.
func checkout(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	examples := copyExamples(t)
	// The module's path is that of its place in this repository.
	for from, to := range map[string]string{"modules": "modules", "policies/gate": "work/policy"} {
		if err := os.CopyFS(filepath.Join(folder, to), os.DirFS(filepath.Join(examples, from))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(os.Getenv(mirrorVariable), filepath.Join(folder, "work", "plugins")); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, "work")
}

// pathWith is a PATH on which the command line is called terraform.
func pathWith(t *testing.T, c commandLine) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Symlink(c.path, filepath.Join(folder, "terraform")); err != nil {
		t.Fatal(err)
	}
	return folder + string(os.PathListSeparator) + os.Getenv("PATH")
}

func TestReadmesOfPolicies(t *testing.T) {
	t.Parallel()
	for _, folder := range slices.Concat(folders(t), []string{"modules/session-policy"}) {
		if strings.HasPrefix(folder, "demo") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(examplesRoot, folder, "README.md"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, link := range regexp.MustCompile(`\]\(([^):#]+)\)`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(examplesRoot, folder, link[1])); err != nil {
				t.Errorf("%s: %v", folder, err)
			}
		}
	}
}
