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
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
)

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
