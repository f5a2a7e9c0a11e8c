// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package clitest is shared by the tests that run terraform or tofu.
package clitest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// Paths returns the absolute paths of all CLIs at hand: the one that
// "make test" works with, those on the PATH, and the OpenTofu that this project
// builds for itself in its folder root.
func Paths(t testing.TB, root string) []string {
	t.Helper()
	candidates := []string{os.Getenv("TF_ACC_TERRAFORM_PATH")}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			candidates = append(candidates, path)
		}
	}
	var found []string
	for _, path := range append(candidates, filepath.Join(root, ".tools", "bin", "tofu")) {
		if _, err := os.Stat(path); err != nil { //nolint:gosec // whoever runs the tests names it
			continue
		}
		path, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, path)
	}
	if len(found) == 0 {
		t.Fatal(`there is neither terraform nor tofu: "make test" finds or builds one`)
	}
	return found
}

// Path returns the first of [Paths].
func Path(t testing.TB, root string) string {
	t.Helper()
	return Paths(t, root)[0]
}

// Release is the release of Rocket.Chat that the workspaces of the tests simulate
// unless a test names one: that of RELEASE in "make testacc", which can also be
// oldest or newest, else empty for the default.
func Release() rocketchattest.Release {
	all := rocketchattest.Releases()
	switch name := os.Getenv("ROCKETCHAT_TEST_RELEASE"); name {
	case "oldest":
		return all[0]
	case "newest":
		return all[len(all)-1]
	default:
		return rocketchattest.Release(name)
	}
}

// NotInShort leaves a test to a full run: others of a short one go the same way.
func NotInShort(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("a full run has it")
	}
}

// Few returns the first cases of many in a short run, and otherwise all of them: each
// takes a CLI seconds.
func Few[C any](most int, cases []C) []C {
	if testing.Short() && most < len(cases) {
		return cases[:most]
	}
	return cases
}

// ProviderName is the file that a CLI looks for in a folder of [DevOverrides].
func ProviderName() string {
	if runtime.GOOS == "windows" {
		return "terraform-provider-rocketchat.exe"
	}
	return "terraform-provider-rocketchat"
}

// BuildProvider builds the provider of this project, in its folder root, into a folder. Tests of
// several packages need it: "go run" caches the linked binary, whereas "go build" links again.
func BuildProvider(root, folder string) error {
	target, err := filepath.Abs(filepath.Join(folder, ProviderName()))
	if err != nil {
		return err
	}
	//nolint:gosec,noctx // it serves every test of a package, and outlives each
	build := exec.Command("go", "run", "-buildvcs=false", "-ldflags=-s -w", "-exec=cp", ".", target)
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	return nil
}

// Environment has CLIs spend less: tests run many, each for a moment, where collecting garbage and
// sharing work among threads takes a third of the CPU time.
func Environment() map[string]string {
	return map[string]string{"CHECKPOINT_DISABLE": "1", "GOGC": "off", "GOMEMLIMIT": "400MiB", "GOMAXPROCS": "1"}
}

// DevOverrides returns the configuration of a CLI that takes the
// provider of a source, such as "terraform-rocketchat/rocketchat", from a folder.
func DevOverrides(source, folder string) string {
	return fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", source, folder)
}

// NewCertificate creates a self-signed certificate and its key, in PEM format.
func NewCertificate(t testing.TB, name string, change ...func(*x509.Certificate)) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}
	for _, f := range change {
		f(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}
