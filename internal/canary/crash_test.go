// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package canary_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestCanary_crash ends the provider in the middle of a request, so
// that Go's runtime writes the stacks of all goroutines, which the CLI
// logs.
func TestCanary_crash(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	s := scenarios(t)["everything"]
	s.env = map[string]string{"GOTRACEBACK": "all"}
	// It "did not respond", or "was canceled" where the CLI saw the process end first.
	s.want = "(*GRPCProvider).ReadDataSource"
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

// TestCanary_plantedLeaksAreFound: the search would notice.
func TestCanary_plantedLeaksAreFound(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"canary-token+/=4711", "canary pass\"wörd", "JBSWY3DPEHPK3PXP", "123456"} {
		sum := sha256.Sum256([]byte(secret))
		escaped, err := json.Marshal("x" + secret + "x")
		if err != nil {
			t.Fatal(err)
		}
		leaks := map[string]string{
			"plain":           "Authorization: " + secret + "\n",
			"in a query":      "/?token=" + url.QueryEscape(secret) + "&a=b",
			"in a path":       "/tokens/" + url.PathEscape(secret) + "/x",
			"in JSON":         `{"token":` + strings.ReplaceAll(string(escaped), "x", "") + `}`,
			"in hex":          hex.EncodeToString([]byte("a" + secret + "b")),
			"SHA-256":         "sum " + strings.ToUpper(hex.EncodeToString(sum[:])),
			"base64":          base64.StdEncoding.EncodeToString([]byte("user:" + secret + "!")),
			"base64 for URLs": base64.URLEncoding.EncodeToString([]byte("user:" + secret + "!")),
		}
		for shift := range 3 {
			leaks[fmt.Sprint("base64 behind ", shift)] = base64.StdEncoding.EncodeToString(
				[]byte(strings.Repeat("ü", 3) + strings.Repeat("y", shift) + secret + " and more"),
			)
		}
		for name, text := range leaks {
			if len(clitest.FormsOf(secret, text)) == 0 {
				t.Errorf("%q is not found %s: %s", secret, name, text)
			}
		}
		var archive bytes.Buffer
		w := zip.NewWriter(&archive)
		file, err := w.Create("tfplan")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(file, leaks["plain"]+strings.Repeat(" ", 1000)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if text, err := clitest.Unpacked(archive.Bytes()); err != nil || !slices.Contains(clitest.FormsOf(secret, text), "plain") {
			t.Errorf("%q is not found in an archive: %v", secret, err)
		}
		if names := clitest.FormsOf(secret, "2026-11-22T12:34:56.1234567Z nothing of the kind (redacted) 9123456 1234567"); len(names) > 0 {
			t.Errorf("%q is found where it is not: %v", secret, names)
		}
	}
}
