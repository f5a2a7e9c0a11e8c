// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package clitest

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

// FormsOf names the forms of a secret that a text holds. Short secrets of digits
// alone count where no other digit is beside them, or times would match.
func FormsOf(secret, text string) []string {
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

// Unpacked is a file's content, with that of the files in it where it is an
// archive, as a saved plan is.
func Unpacked(content []byte) (string, error) {
	var text strings.Builder
	text.Write(content)
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
			more, err := Unpacked(inner)
			if err != nil {
				return "", err
			}
			text.WriteString("\n" + file.Name + "\n" + more)
		}
	}
	if r, err := gzip.NewReader(bytes.NewReader(content)); err == nil {
		inner, err := io.ReadAll(r)
		if err != nil {
			return "", err
		}
		text.WriteString("\n" + string(inner))
	}
	return text.String(), nil
}
