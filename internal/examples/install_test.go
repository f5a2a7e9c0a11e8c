// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
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
)

// clone is a clone of the repository with one file of code, and the home folder of whoever installs from it.
type clone struct{ folder, home string }

// newClone takes "make install" and the address of the provider from this repository. Its compiler writes the code and its
// own options into the binary: init compares hashes, and starts no provider.
func newClone(t *testing.T) clone {
	t.Helper()
	c := clone{folder: t.TempDir(), home: t.TempDir()}
	for _, file := range []string{"GNUmakefile", "internal/provider/provider.go"} {
		c.write(t, file, readFile(t, filepath.Join(root, filepath.FromSlash(file))))
	}
	compiler, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(c.home, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	writeScript(t, filepath.Join(bin, "go"), `[ "$1" = build ] || exec "`+compiler+`" "$@"
mkdir -p bin && { echo "$*" && cat code; } >bin/terraform-provider-rocketchat && chmod +x bin/terraform-provider-rocketchat`)
	c.must(t, "git", "init", "--quiet")
	return c
}

func (c clone) write(t *testing.T, file, text string) {
	t.Helper()
	file = filepath.Join(c.folder, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
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
	if r := run(t, c.folder, c.variables(), name, arguments...); r.status != 0 {
		t.Fatalf("%s %q ended with exit code %d:\n%s%s", name, arguments, r.status, r.stdout, r.stderr)
	}
}

// commit changes the code as of a day.
func (c clone) commit(t *testing.T, code, day string) {
	t.Helper()
	c.write(t, "code", code)
	c.must(t, "git", "add", "--all")
	c.must(t, "env", "GIT_COMMITTER_DATE="+day+"T12:00:00+02:00", "git", "-c", "user.name=a", "-c", "user.email=a@example.com",
		"commit", "--quiet", "--message=Change "+code)
}

// Somebody updates the clone and installs again, with a lock file in a configuration: "init" goes on with the
// version in the lock file, and "init -upgrade" takes the new one.
func TestInstall_againAfterAnUpdate(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, line cli) {
		c := newClone(t)
		configured := configuration{cli: line, folder: t.TempDir(), variables: c.variables()}
		configured.keep(t, "main.tf", hclBlocks(t)[installPage+" 1"])
		locked := regexp.MustCompile(`version += "(.*)"`)
		initialize := func(arguments ...string) string {
			configured.must(t, append([]string{"init", "-input=false", plain}, arguments...)...)
			return locked.FindStringSubmatch(readFile(t, filepath.Join(configured.folder, ".terraform.lock.hcl")))[1]
		}
		expect := func(got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("version %s is locked, want %s", got, want)
			}
		}
		const first, second = "0.1.20260102100000", "0.1.20260103100000"

		c.commit(t, "1", "2026-01-02")
		c.must(t, "make", "install")
		expect(initialize(), first)

		c.commit(t, "2", "2026-01-03")
		c.must(t, "make", "install")
		expect(initialize(), first)
		if err := os.RemoveAll(filepath.Join(configured.folder, ".terraform")); err != nil {
			t.Fatal(err)
		}
		expect(initialize(), first)
		expect(initialize("-upgrade"), second)

		c.must(t, "make", "install")
		expect(initialize("-upgrade"), second)

		c.write(t, "code", "not committed")
		c.must(t, "make", "install")
		expect(initialize(), second)
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

// registries records which registries a CLI asks, through a proxy that lets nobody pass.
type registries struct {
	*httptest.Server
	mutex sync.Mutex
	asked map[string]bool
}

func newRegistries(t *testing.T) *registries {
	t.Helper()
	r := &registries{asked: map[string]bool{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		r.asked[request.Host] = true
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(r.Close)
	return r
}

// The provider comes from a folder, and every other provider from where it always came from.
func TestInstall_leavesOtherProvidersToTheRegistry(t *testing.T) {
	t.Parallel()
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
	guide := readFile(t, filepath.Join(root, installPage))
	file := regexp.MustCompile("(?s)```text\n(provider_installation .*?)```").FindStringSubmatch(guide)
	if file == nil {
		t.Fatal("the guide shows no file for the CLI")
	}
	const placeholder = "/opt/terraform/plugins"
	if !strings.Contains(file[1], placeholder) {
		t.Fatalf("the guide's file names another folder:\n%s", file[1])
	}
	const ours = "terraform-rocketchat/rocketchat"
	withEach(t, func(t *testing.T, line cli) {
		host := "registry.terraform.io:443"
		if line.tofu {
			host = hostTofu + ":443"
		}
		for name, c := range map[string]struct {
			arguments []string
			prepare   func(t *testing.T, home, folder string) string
			want      []string
		}{
			"the user's folder": {want: []string{host}, prepare: func(t *testing.T, home, _ string) string {
				t.Helper()
				linkMirror(t, mirror, filepath.Join(home, ".terraform.d", "plugins"))
				return ""
			}},
			"the folder of the configuration": {want: []string{host}, prepare: func(t *testing.T, _, folder string) string {
				t.Helper()
				linkMirror(t, mirror, filepath.Join(folder, "terraform.d", "plugins"))
				return ""
			}},
			"the guide's file for the CLI": {want: []string{host}, prepare: func(t *testing.T, home, _ string) string {
				t.Helper()
				name := filepath.Join(home, "cli.tfrc")
				if err := os.WriteFile(name, []byte(strings.Replace(file[1], placeholder, mirror, 1)), 0o600); err != nil {
					t.Fatal(err)
				}
				return name
			}},
			// What the test tells apart.
			"-plugin-dir": {arguments: []string{"-plugin-dir=" + mirror}, prepare: func(*testing.T, string, string) string { return "" }},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				proxy, home := newRegistries(t), t.TempDir()
				configured := configuration{cli: line, folder: t.TempDir()}
				configured.keep(t, "main.tf", both)
				configured.variables = map[string]string{
					"HOME": home, cliConfigVariable: c.prepare(t, home, configured.folder), "HTTPS_PROXY": proxy.URL, "TF_REGISTRY_DISCOVERY_RETRY": "0",
				}
				r := configured.run(t, append([]string{"init", "-input=false", plain}, c.arguments...)...)
				if r.status != 1 || !strings.Contains(r.stderr, "hashicorp/other") || strings.Contains(r.stderr, ours) {
					t.Errorf("exit code %d, want 1 because of the other provider alone:\n%s", r.status, r.stderr)
				}
				if asked := slices.Sorted(maps.Keys(proxy.asked)); !slices.Equal(asked, c.want) {
					t.Errorf("init asked %q, want %q", asked, c.want)
				}
			})
		}
	})
}

func linkMirror(t *testing.T, mirror, folder string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(mirror, folder); err != nil {
		t.Fatal(err)
	}
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
	if prepared.status != 0 {
		t.Fatal(prepared.stderr)
	}
	commands := strings.ReplaceAll(shown[1], "$ ", "")
	if r := sh(commands); r.status != 0 {
		t.Errorf("a release is refused: %s%s", r.stdout, r.stderr)
	}
	if r := sh("echo other >" + name + "_linux_amd64.zip\n" + commands); r.status == 0 {
		t.Errorf("another archive is accepted: %s%s", r.stdout, r.stderr)
	}
	if r := sh("sha256sum " + name + "_linux_amd64.zip >" + name + "_SHA256SUMS\n" + commands); r.status == 0 {
		t.Errorf("checksums that nobody signed are accepted: %s%s", r.stdout, r.stderr)
	}
}
