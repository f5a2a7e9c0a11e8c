// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package canary_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// forms are the texts by which a secret can be found again, by name.
func forms(secret string) map[string]string {
	sum := sha256.Sum256([]byte(secret))
	escaped, _ := json.Marshal(secret)
	all := map[string]string{
		"plain":             secret,
		"in a query":        url.QueryEscape(secret),
		"in a path":         url.PathEscape(secret),
		"in JSON":           strings.Trim(string(escaped), `"`),
		"in hex":            hex.EncodeToString([]byte(secret)),
		"SHA-256":           hex.EncodeToString(sum[:]),
		"SHA-256 in base64": base64.RawStdEncoding.EncodeToString(sum[:]),
	}
	for shift := range 3 {
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64 for URLs": base64.RawURLEncoding} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + secret))
			// The characters at both ends hold bits of what stands beside the secret.
			from, to := (shift*8+5)/6, (shift+len(secret))*8/6
			all[fmt.Sprintf("%s, %d bytes in", name, shift)] = encoded[from:to]
		}
	}
	return all
}

// found names the forms of a secret that a text holds. Short secrets of digits
// alone count where no other digit is beside them, or times would match.
func found(secret, text string) []string {
	var names []string
	for name, form := range forms(secret) {
		switch {
		case len(form) < 8 && strings.Trim(form, "0123456789") == "":
			if regexp.MustCompile(`(^|[^0-9])` + form + `([^0-9]|$)`).MatchString(text) {
				names = append(names, name)
			}
		case strings.Contains(text, form), name == "SHA-256" && strings.Contains(text, strings.ToUpper(form)):
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// unpacked is a file's content, with that of the files in it where it is an
// archive, as a saved plan is.
func unpacked(content []byte) (string, error) {
	text := string(content)
	if archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
		for _, file := range archive.File {
			r, err := file.Open()
			if err != nil {
				return "", err
			}
			inner, err := io.ReadAll(r)
			if err != nil {
				return "", err
			}
			more, err := unpacked(inner)
			if err != nil {
				return "", err
			}
			text += "\n" + file.Name + "\n" + more
		}
	}
	if r, err := gzip.NewReader(bytes.NewReader(content)); err == nil {
		inner, err := io.ReadAll(r)
		if err != nil {
			return "", err
		}
		text += "\n" + string(inner)
	}
	return text, nil
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
			if len(found(secret, text)) == 0 {
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
		if text, err := unpacked(archive.Bytes()); err != nil || !slices.Contains(found(secret, text), "plain") {
			t.Errorf("%q is not found in an archive: %v", secret, err)
		}
		if names := found(secret, "2026-11-22T12:34:56.1234567Z nothing of the kind (redacted) 9123456 1234567"); len(names) > 0 {
			t.Errorf("%q is found where it is not: %v", secret, names)
		}
	}
}
