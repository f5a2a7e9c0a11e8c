// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// leaks searches every file of the configuration's folder, the inside of plan
// files too, for what reveals the workspace and its sessions. It returns
// "file: what", each line ended.
func (c configuration) leaks(t *testing.T, w *workspace) []string {
	t.Helper()
	secrets := w.secrets()
	var found []string
	err := filepath.WalkDir(c.folder, func(path string, entry fs.DirEntry, err error) error {
		// The provider itself is a link into the mirror.
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // a file that the test has made
		if err != nil {
			return err
		}
		if content, err = unpacked(content); err != nil {
			return err
		}
		for _, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				found = append(found, filepath.Base(path)+": "+secret+"\n")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// unpacked is the content of a file, and of all files in it where it is an
// archive, as a plan file is.
func unpacked(content []byte) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return content, nil //nolint:nilerr // not an archive
	}
	all := slices.Clone(content)
	for _, file := range archive.File {
		packed, err := file.Open()
		if err != nil {
			return nil, err
		}
		part, err := io.ReadAll(packed)
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	return all, nil
}

// secrets are the ids, names and addresses of the workspace, and how to get in.
func (w *workspace) secrets() []string {
	secrets := []string{w.url, w.account.UserID, w.account.Token, w.account.TOTPSecret}
	for _, s := range w.Sessions() {
		for _, field := range []rocketchattest.Optional[string]{
			s.SessionID, s.UserID, s.IP, s.Host, s.User.Value.Username, s.User.Value.Name,
		} {
			if field.Value != "" && !slices.Contains(secrets, field.Value) {
				secrets = append(secrets, field.Value)
			}
		}
	}
	return secrets
}
