// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
)

// clone is a clone of the repository with one file of code, and the home folder of whoever installs from it.
type clone struct{ folder, home string }

// newClone takes "make install" and the address of the provider from this repository. Its compiler writes the code and its
// own options into the binary: init compares hashes, and starts no provider.
func newClone(t *testing.T) clone {
	t.Helper()
	c := clone{folder: t.TempDir(), home: t.TempDir()}
	for _, file := range []string{"GNUmakefile", "internal/provider/provider.go"} {
		write(t, filepath.Join(c.folder, file), readFile(t, filepath.Join(root, file)))
	}
	compiler, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	writeScript(t, filepath.Join(c.home, "bin", "go"), `[ "$1" = build ] || exec "`+compiler+`" "$@"
mkdir -p bin && { echo "$*" && cat code; } >bin/terraform-provider-rocketchat && chmod +x bin/terraform-provider-rocketchat`)
	c.must(t, "git", "init", "--quiet")
	return c
}

func (c clone) variables() map[string]string {
	return map[string]string{
		"HOME": c.home, "PATH": filepath.Join(c.home, "bin") + string(os.PathListSeparator) + os.Getenv("PATH"), cliConfigVariable: "",
		// A registry that is asked for the provider must be heard of, and must not respond.
		"HTTPS_PROXY": "http://127.0.0.1:1", "TF_REGISTRY_DISCOVERY_RETRY": "0",
	}
}

func (c clone) must(t *testing.T, name string, arguments ...string) {
	t.Helper()
	run(t, c.folder, c.variables(), name, arguments...).ends(t, 0)
}

// commit changes the code as of a day.
func (c clone) commit(t *testing.T, code, day string) {
	t.Helper()
	write(t, filepath.Join(c.folder, "code"), code)
	c.must(t, "git", "add", "--all")
	c.must(t, "env", "GIT_COMMITTER_DATE="+day+"T12:00:00+02:00", "git", "-c", "user.name=a", "-c", "user.email=a@example.com",
		"commit", "--quiet", "--message=Change "+code)
}

// Somebody updates the clone and installs again, with a lock file in a configuration: "init" goes on with the
// version in the lock file, and "init -upgrade" takes the new one.
func TestInstall_againAfterAnUpdate(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	withEach(t, func(t *testing.T, line cli) {
		c := newClone(t)
		configured := configuration{cli: line, folder: t.TempDir(), variables: c.variables()}
		configured.keep(t, "main.tf", hclBlocks(t)[installPage+" 1"])
		locked := regexp.MustCompile(`version += "(.*)"`)
		initialize := func(arguments ...string) string {
			configured.must(t, append([]string{"init", "-input=false", plain}, arguments...)...)
			return locked.FindStringSubmatch(readFile(t, filepath.Join(configured.folder, ".terraform.lock.hcl")))[1]
		}
		expect := func(want string, arguments ...string) {
			t.Helper()
			same(t, "another version is locked", want, initialize(arguments...))
		}
		const first, second = "0.1.20260102100000", "0.1.20260103100000"

		c.commit(t, "1", "2026-01-02")
		c.must(t, "make", "install")
		expect(first)

		c.commit(t, "2", "2026-01-03")
		c.must(t, "make", "install")
		expect(first)
		if err := os.RemoveAll(filepath.Join(configured.folder, ".terraform")); err != nil {
			t.Fatal(err)
		}
		expect(first)
		expect(second, "-upgrade")

		c.must(t, "make", "install")
		expect(second, "-upgrade")

		write(t, filepath.Join(c.folder, "code"), "not committed")
		c.must(t, "make", "install")
		expect(second)
		if newest := initialize("-upgrade"); newest <= second {
			t.Errorf("version %s of changed code is not newer than %s", newest, second)
		}

		c.must(t, "make", "uninstall")
		left, err := filepath.Glob(filepath.Join(c.home, ".terraform.d", "plugins", "*", "*", "*"))
		if err != nil || len(left) > 0 {
			t.Errorf("%q is left: %v", left, err)
		}
	})
}

// registries is a proxy that lets nobody pass, and the registries that a CLI asks through it.
func registries(t *testing.T) (url string, asked func() []string) {
	t.Helper()
	var mutex sync.Mutex
	hosts := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		hosts[request.Host] = true
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string { return slices.Sorted(maps.Keys(hosts)) }
}

// The provider comes from a folder, and every other provider from where it always came from.
func TestInstall_leavesOtherProvidersToTheRegistry(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	const both = `terraform {
  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
    other = {
      source = "hashicorp/other"
    }
  }
}
`
	mirror := os.Getenv(mirrorVariable)
	file := regexp.MustCompile("(?s)```text\n(provider_installation .*?)```").FindStringSubmatch(readFile(t, filepath.Join(root, installPage)))
	const placeholder = "/opt/terraform/plugins"
	if len(file) != 2 || !strings.Contains(file[1], placeholder) {
		t.Fatalf("the guide shows no file for the CLI, or one that names another folder: %q", file)
	}
	withEach(t, func(t *testing.T, line cli) {
		host := "registry.terraform.io:443"
		if line.tofu {
			host = hostTofu + ":443"
		}
		for name, c := range map[string]struct {
			// link is where the provider is, below the folder of the user and of the configuration, and file the file for the CLI.
			link, file string
			arguments  []string
			want       []string
		}{
			"the user's folder":               {link: "home/.terraform.d/plugins", want: []string{host}},
			"the folder of the configuration": {link: "work/terraform.d/plugins", want: []string{host}},
			"the guide's file for the CLI":    {file: strings.Replace(file[1], placeholder, mirror, 1), want: []string{host}},
			// What the test tells apart.
			"-plugin-dir": {arguments: []string{"-plugin-dir=" + mirror}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				parent := t.TempDir()
				proxy, asked := registries(t)
				configured := configuration{cli: line, folder: filepath.Join(parent, "work"), variables: map[string]string{
					"HOME": filepath.Join(parent, "home"), cliConfigVariable: "", "HTTPS_PROXY": proxy, "TF_REGISTRY_DISCOVERY_RETRY": "0",
				}}
				configured.keep(t, "main.tf", both)
				if c.file != "" {
					configured.variables[cliConfigVariable] = filepath.Join(parent, "cli.tfrc")
					write(t, filepath.Join(parent, "cli.tfrc"), c.file)
				}
				if link := filepath.Join(parent, c.link); c.link != "" {
					if err := errors.Join(os.MkdirAll(filepath.Dir(link), 0o700), os.Symlink(mirror, link)); err != nil {
						t.Fatal(err)
					}
				}
				r := configured.run(t, append([]string{"init", "-input=false", plain}, c.arguments...)...)
				if r.status != 1 || !strings.Contains(r.stderr, "hashicorp/other") || strings.Contains(r.stderr, "terraform-rocketchat/rocketchat") {
					t.Errorf("exit code %d, want 1 because of the other provider alone:\n%s", r.status, r.stderr)
				}
				same(t, "init asks other registries", c.want, asked())
			})
		}
	})
}

// The guide's commands accept the files of a release, and neither others nor a signature of others.
func TestInstall_verifiesARelease(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("gpg"); err != nil {
		skip(t, "there is no gpg")
	}
	shown := regexp.MustCompile("(?s)```console\n(\\$ gpg --verify [^`]*)```").FindStringSubmatch(readFile(t, filepath.Join(root, installPage)))
	if shown == nil {
		t.Fatal("the guide verifies nothing")
	}
	const name = "terraform-provider-rocketchat_0.1.0"
	// gpg's agent listens at a path below this folder, which must be short.
	home, err := os.MkdirTemp("", "gpg") //nolint:usetesting // the path of a test can be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{"GNUPGHOME": home}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	folder := t.TempDir()
	sh := func(script string) result { return run(t, folder, variables, "sh", "-ec", script) }
	prepared := sh(`gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key a@example.com ed25519 sign never
echo archive >` + name + `_linux_amd64.zip
sha256sum *.zip >` + name + `_SHA256SUMS
echo "$(sha256sum </dev/null | cut -d ' ' -f 1)  ` + name + `_darwin_arm64.zip" >>` + name + `_SHA256SUMS
gpg --batch --output ` + name + `_SHA256SUMS.sig --detach-sign ` + name + `_SHA256SUMS
gpgconf --kill gpg-agent`)
	prepared.ends(t, 0)
	commands := strings.ReplaceAll(shown[1], "$ ", "")
	sh(commands).ends(t, 0)
	if r := sh("echo other >" + name + "_linux_amd64.zip\n" + commands); r.status == 0 {
		t.Errorf("another archive is accepted: %s%s", r.stdout, r.stderr)
	}
	if r := sh("sha256sum " + name + "_linux_amd64.zip >" + name + "_SHA256SUMS\n" + commands); r.status == 0 {
		t.Errorf("checksums that nobody signed are accepted: %s%s", r.stdout, r.stderr)
	}
}
