// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package canary_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestCanary_crash ends the provider in the middle of a request, so
// that Go's runtime writes the stacks of all goroutines, which the CLI
// logs.
func TestCanary_crash(t *testing.T) {
	t.Parallel()
	s := scenario{
		account: func(a *rocketchattest.Account, given map[string]string) { a.TOTPSecret = given["totp_secret"] },
		given:   []string{"totp_secret", "password", "code"},
		env:     map[string]string{"GOTRACEBACK": "all"},
		// It "did not respond", or "was canceled" where the CLI saw the process end first.
		want: "(*GRPCProvider).ReadDataSource",
	}
	st := newStage(t, s)
	log := filepath.Join(st.folder, "trace.log")
	crashed := make(chan error, 1)
	st.Fault(func(_ int, r *http.Request, _ http.Handler) http.Handler {
		crashed <- crash(log)
		<-r.Context().Done()
		return rocketchattest.FaultHangUp(0, nil, nil)
	})
	st.play(t, s)
	if err := <-crashed; err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(text), "SIGQUIT: quit") || !strings.Contains(string(text), "RoundTrip") {
		t.Errorf("the log holds no stacks: %v", err)
	}
}

// crash ends the provider that the CLI says it started last.
func crash(log string) error {
	text, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	started := regexp.MustCompile(`plugin started: path=\S*terraform-provider-rocketchat pid=(\d+)`).FindAllSubmatch(text, -1)
	if len(started) == 0 {
		return errors.New("the log does not name the provider's process")
	}
	pid, err := strconv.Atoi(string(started[len(started)-1][1]))
	if err != nil {
		return err
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return process.Signal(syscall.SIGQUIT)
}
