// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package examples_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
)

// A pipeline that is canceled leaves no plan file behind, whether the plan is
// being made or is there already.
func TestPipelines_leaveNoPlanWhenTheyAreKilled(t *testing.T) {
	t.Parallel()
	for _, p := range clitest.Few(1, append(allPipelines(t), regoOnGitHub(t))) {
		steps := []string{"plan", "show"}
		if p.junit {
			steps = []string{"test"}
		}
		for _, step := range steps {
			t.Run(p.name+"/"+step, func(t *testing.T) {
				t.Parallel()
				killed := p.checkout(t, cli{path: reportsAndHangs(t, step)})
				killed = killed.withData()
				// GitLab ends the whole container, and so its own shell as well.
				if status := killed.interrupt(t); status != 2 && !strings.HasPrefix(p.name, "GitLab") {
					t.Errorf("exit code is %d, want 2", status)
				}
				killed.leavesNoPlan(t)
				killed.data(t, 2)
			})
		}
	}
}

// reportsAndHangs is a CLI that writes a plan, says so on descriptor 3
// in one of its steps, and stays there until it gets a signal.
func reportsAndHangs(t *testing.T, step string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "simulated")
	writeScript(t, name, `for argument; do case $argument in -out=*) echo PK >"${argument#-out=}" ;; esac; done
if [ "$2" = `+step+` ]; then
	echo "$2" >&3
	exec sleep 600
fi`)
	return name
}

// interrupt runs the script in a process group of its own, ends it once the
// CLI has reported, and returns its exit code.
func (c copied) interrupt(t *testing.T) int {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "-ec", c.script)
	command.Dir, command.ExtraFiles = c.folder, []*os.File{writer}
	command.Env = os.Environ()
	for name, value := range c.variables {
		command.Env = append(command.Env, name+"="+value)
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := errors.Join(command.Start(), writer.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(reader).ReadString('\n'); err != nil {
		t.Fatalf("the CLI did not get there: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(c.temporary, "*")); err != nil || len(left) == 0 {
		t.Errorf("there is nothing to put away: %v", err)
	}
	target := command.Process.Pid
	if strings.HasPrefix(c.name, "GitLab") {
		target = -target
	}
	if err := syscall.Kill(target, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// All that inherited the descriptor have ended.
	if _, err := bufio.NewReader(reader).ReadString('\n'); err == nil {
		t.Error("it went on")
	}
	if err := command.Wait(); err == nil {
		t.Error("it passes")
	}
	return command.ProcessState.ExitCode()
}
