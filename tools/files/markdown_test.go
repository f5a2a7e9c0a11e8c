// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package files_test checks what no linter of the project reads: links of
// Markdown, the list of dependencies, and which actions the workflows run.
package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

const root = "../.."

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)|^\[[^\]]+\]: (\S+)|(?:src|href)="([^"]+)"`)
	heading = regexp.MustCompile(`^#+ +(.*?) *$`)
	code    = regexp.MustCompile("`[^`]*`")
	outside = regexp.MustCompile(`^[a-z]+:`)
	// Pages of a registry can only link to the repository by its address.
	inRepository = regexp.MustCompile(`^https://(?:github\.com/terraform-rocketchat/terraform-provider-rocketchat/(?:tree|blob)|` +
		`raw\.githubusercontent\.com/terraform-rocketchat/terraform-provider-rocketchat)/main/`)
)

// Whatever a page points to within the project is there, down to the heading,
// and every block of code says what it is in.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	pages := markdownPages(t)
	if !slices.Contains(pages, filepath.Join(root, "README.md")) {
		t.Fatalf("README.md is missing among %q", pages)
	}
	for _, page := range pages {
		t.Run(strings.TrimPrefix(page, root+string(filepath.Separator)), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			prose, problems := proseOf(string(text))
			for _, target := range linksOf(prose) {
				if problem := follow(page, target); problem != "" {
					problems = append(problems, problem)
				}
			}
			for _, problem := range problems {
				t.Error(problem)
			}
		})
	}
}

func markdownPages(t *testing.T) []string {
	t.Helper()
	var pages []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.IsDir():
			if filepath.Ext(path) == ".md" {
				pages = append(pages, path)
			}
		case slices.Contains([]string{".git", ".terraform", ".tools", "dist", "testdata"}, entry.Name()):
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// proseOf returns the lines outside blocks of code.
func proseOf(text string) (prose, problems []string) {
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "":
			if trimmed == fence {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "```"):
			language := strings.TrimLeft(trimmed, "`")
			fence = strings.TrimSuffix(trimmed, language)
			if language == "" {
				problems = append(problems, "a block of code does not name its language")
			}
		default:
			prose = append(prose, line)
		}
	}
	if fence != "" {
		problems = append(problems, "a block of code has no end")
	}
	return prose, problems
}

func linksOf(prose []string) []string {
	var targets []string
	for _, line := range prose {
		for _, match := range link.FindAllStringSubmatch(code.ReplaceAllString(line, ""), -1) {
			target := inRepository.ReplaceAllString(match[1]+match[2]+match[3], "/")
			if !outside.MatchString(target) {
				targets = append(targets, target)
			}
		}
	}
	return targets
}

// follow returns what is wrong with a link from page to target, or "". A target that begins with a slash is
// in the root of the repository.
func follow(page, target string) string {
	path, fragment, _ := strings.Cut(target, "#")
	file := page
	if inRoot, ok := strings.CutPrefix(path, "/"); ok {
		file = filepath.Join(root, filepath.FromSlash(inRoot))
	} else if path != "" {
		file = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
	}
	switch _, err := os.Stat(file); {
	case errors.Is(err, fs.ErrNotExist):
		return "the link " + target + " leads to nothing"
	case err != nil:
		return err.Error()
	case fragment == "":
		return ""
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	prose, _ := proseOf(string(text))
	for _, line := range prose {
		if match := heading.FindStringSubmatch(line); len(match) == 2 && anchor(match[1]) == fragment {
			return ""
		}
		if strings.Contains(line, `id="`+fragment+`"`) {
			return ""
		}
	}
	return "the link " + target + " leads to no heading"
}

// anchor is what GitHub makes of a heading.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, heading)
}

// The first screen of the repository lists the root: pages for contributors are beside what they describe.
func TestMarkdown_rootHasFewPages(t *testing.T) {
	t.Parallel()
	const most = 6
	pages, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil || len(pages) == 0 || len(pages) > most {
		t.Errorf("%q (%v), want at most %d pages", pages, err, most)
	}
}

// Rocket.Chat deletes a session 45 days after it was counted, which is within a day of the connection.
func TestMarkdown_oneRetention(t *testing.T) {
	t.Parallel()
	retention := regexp.MustCompile(`(?i)\babout\s+(\d+)\s+(?:more\s+)?days\b`)
	said := 0
	for _, page := range markdownPages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range retention.FindAllStringSubmatch(string(text), -1) {
			said++
			if match[1] != "46" {
				t.Errorf("%s says %q, want 46", page, match[0])
			}
		}
	}
	if said < 5 {
		t.Errorf("only %d places say when Rocket.Chat deletes a session", said)
	}
}

func TestMarkdown_problems(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page := filepath.Join(dir, "page.md")
	for file, text := range map[string]string{
		"page.md":  "# Own heading\n\n[one](other.md#what-is-it-2026) [two](#own-heading) [three](other.md)\n",
		"other.md": "## `What` is it, 2026?\n\n```sh\n# no heading\n```\n\n<a id=\"by-hand\"></a>\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for target, want := range map[string]string{
		"other.md":                   "",
		".":                          "",
		"#own-heading":               "",
		"other.md#what-is-it-2026":   "",
		"other.md#by-hand":           "",
		"other.md#no-heading":        "the link other.md#no-heading leads to no heading",
		"#elsewhere":                 "the link #elsewhere leads to no heading",
		"missing.md#what-is-it-2026": "the link missing.md#what-is-it-2026 leads to nothing",
		"sub/page.md":                "the link sub/page.md leads to nothing",
		"/examples/policies":         "",
		"/examples/page.md":          "the link /examples/page.md leads to nothing",
	} {
		if got := follow(page, target); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}

	prose, problems := proseOf("text\n```hcl\n[a](b)\n```\n~~~\n````\n```\n````\nend\n```sh\n")
	if want := []string{"text", "~~~", "end"}; !slices.Equal(prose, want) {
		t.Errorf("prose is %q, want %q", prose, want)
	}
	if want := []string{"a block of code does not name its language", "a block of code has no end"}; !slices.Equal(problems, want) {
		t.Errorf("problems are %q, want %q", problems, want)
	}

	const here = "https://github.com/terraform-rocketchat/terraform-provider-rocketchat/"
	got := linksOf([]string{
		"[a](b.md), ![c](d.svg), `[e](f)`, [g](https://example.com)", "[h]: i.md", `<img src="j.svg" alt="">`,
		"[k](" + here + "tree/main/l) [m](" + here + "issues)",
	})
	if want := []string{"b.md", "d.svg", "i.md", "j.svg", "/l"}; !slices.Equal(got, want) {
		t.Errorf("links are %q, want %q", got, want)
	}
}
