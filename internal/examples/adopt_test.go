// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// The guide "Adopt policies in a week", from an empty folder, with 400 offenders.
func TestBaseline_adoptInAWeek(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	guide, err := os.ReadFile(filepath.Join(root, "templates", "guides", "adopt-in-a-week.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, block := range regexp.MustCompile("(?s)```(?:terraform|text)\n(.*?)\n```").FindAllSubmatch(guide, -1) {
		blocks = append(blocks, string(block[1]))
	}
	if len(blocks) != 6 {
		t.Fatalf("the guide has %d blocks, want 6", len(blocks))
	}
	saving := regexp.MustCompile("(?s)```console\n([^`]*report\\.md\n[^`]*)```").FindSubmatch(guide)
	if saving == nil {
		t.Fatal("the guide does not say how to save the report")
	}
	now := time.Now()
	offender := func(i int) rocketchattest.Session {
		name := fmt.Sprintf("sales.%d", i)
		if i == 0 {
			name = "eve"
		}
		return session(fmt.Sprintf("session%03d", i), name, now.Add(-time.Duration(i+1)*time.Minute), from("198.51.100.9"))
	}
	rows := []rocketchattest.Session{session("sessionAlice", "alice", now.Add(-time.Hour))}
	users := []rocketchattest.DirectoryUser{user("alice", now), user("eve", now)}
	for i := range 400 {
		rows = append(rows, offender(i))
		if i > 0 {
			users = append(users, user(fmt.Sprintf("sales.%d", i), now, func(u *rocketchattest.DirectoryUser) {
				u.Roles = rocketchattest.Some([]string{rocketchattest.RoleUser, "idOfSales"})
			}))
		}
	}
	withFirst(t, func(t *testing.T, c cli) {
		w := serve(t, rocketchattest.Options{
			Sessions: rows, Users: users, RateLimit: rocketchattest.RateLimit{Off: true},
			Roles: append(rocketchattest.DefaultRoles(), rocketchattest.Role{ID: "idOfSales", Name: "sales"}),
		})
		folder := copyFolder(t, modulesRoot)
		configured := configuration{cli: c, folder: folder}.on(w)
		write := func(name, text string) {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		report := func(want string) {
			if got := configured.must(t, "plan", "-input=false", plain); strings.Count(got, want+"\n") != 1 {
				t.Errorf("the plan does not print %q once:\n%s", want, got)
			}
			if _, err := os.Stat(filepath.Join(folder, "terraform.tfstate")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a state: %v", err)
			}
		}
		write("main.tf", blocks[0])
		write("terraform.tfvars", blocks[1])
		configured.must(t, "init", "-input=false", plain)
		report(blocks[2])

		saved := run(t, folder, configured.variables, "sh", "-ec", strings.NewReplacer("$ ", "", "terraform ", c.path+" ").Replace(string(saving[1])))
		if text := readFile(t, filepath.Join(folder, "report.md")); saved.status != 0 || !strings.Contains(text, "\n"+blocks[2]+"\n") {
			t.Errorf("the saved report lacks %q:\n%s%s", blocks[2], text, saved.stderr)
		}

		write("waivers.tf", strings.Replace(blocks[3], "DAY", now.UTC().Add(day).Format(time.DateOnly), 1))
		write("main.tf", strings.Replace(blocks[0], "= var.waivers", "= concat(var.waivers, local.waivers)", 1))
		report(blocks[4])

		write("terraform.tfvars", strings.Replace(blocks[1], `"none"`, `"high"`, 1))
		if r := configured.run(t, "plan", "-input=false", plain); r.status != 1 || !strings.Contains(r.stderr, blocks[5]) {
			t.Errorf("the gate ends with %d:\n%s", r.status, r.stderr)
		}
		w.Logout("session000")
		configured.planSays(t, 0)
	})
}
