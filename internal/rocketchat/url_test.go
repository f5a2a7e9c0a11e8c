// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://chat.example.invalid":                   "https://chat.example.invalid",
		"https://chat.example.invalid/":                  "https://chat.example.invalid",
		"  https://chat.example.invalid///\n":            "https://chat.example.invalid",
		"HTTPS://Chat.Example.invalid":                   "https://Chat.Example.invalid",
		"https://example.invalid:8443/chat/":             "https://example.invalid:8443/chat",
		"https://example.invalid/a%2Fb/":                 "https://example.invalid/a%2Fb",
		"http://localhost:3000":                          "http://localhost:3000",
		"http://[2001:db8::1]:3000/":                     "http://[2001:db8::1]:3000",
		"https://b\u00fccher.example.invalid/r\u00e4ume": "https://b\u00fccher.example.invalid/r%C3%A4ume",
	} {
		if u, err := ParseURL(raw); err != nil || strings.ReplaceAll(u.String(), "%C3%BC", "\u00fc") != want {
			t.Errorf("ParseURL(%q) = %q, %v, want %q", raw, u, err, want)
		}
	}
}

func TestParseURL_refusesWithoutQuoting(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                                        "is empty",
		" \t\n":                                   "is empty",
		"chat.example.invalid/hunter2":            "must begin with https:// or http://",
		"ftp://chat.example.invalid/hunter2":      "must begin with https:// or http://",
		"https://admin:hunter2@example.invalid":   "must not contain a user name or password",
		"https://hunter2@example.invalid":         "must not contain a user name or password",
		"https://:@example.invalid/hunter2":       "must not contain a user name or password",
		"https:///hunter2":                        "has no host",
		"https:hunter2":                           "must begin with https:// or http://",
		"https://:8080/hunter2":                   "has no host",
		"https://example.invalid?token=hunter2":   "must not contain a query",
		"https://example.invalid/hunter2?":        "must not contain a query",
		"https://example.invalid#hunter2":         "must not contain a fragment",
		"https://example.invalid/hunter2#":        "must not contain a fragment",
		"https://admin:hunter2/":                  "is not a URL",
		"https://exa mple.invalid/hunter2":        "is not a URL",
		"https://example.invalid/%zz/hunter2":     "is not a URL",
		"https://example.invalid/\x00hunter2":     "is not a URL",
		"https://example.invalid:99999/hunter2":   "port",
		"https://example.invalid:123456789":       "port",
		"https://example.invalid:0":               "port",
		"://hunter2":                              "must begin with https:// or http://",
		"127.0.0.1:3000":                          "must begin with https:// or http://",
		"chat.example.invalid:3000":               "must begin with https:// or http://",
		"[::1]:3000":                              "must begin with https:// or http://",
		"2001:db8::1":                             "must begin with https:// or http://",
		"https://[2001:db8::hunter2]":             "brackets",
		"https://[2001:db8::1":                    "brackets",
		"https://2001:db8::1":                     "brackets",
		"http://::1:3000/hunter2":                 "brackets",
		"http://fe80::1%25eth0/hunter2":           "brackets",
		"https://2001:db8:0:0:0:0:0:1:3000":       "brackets",
		"https://example.invalid:30:hunter2":      "is not a URL",
		"mailto:hunter2@example.invalid":          "must begin with https:// or http://",
		"javascript://example.invalid/%0ahunter2": "must begin with https:// or http://",
	} {
		u, err := ParseURL(raw)
		if text := fmt.Sprint(err); err == nil || !strings.Contains(text, want) {
			t.Errorf("ParseURL(%q) = %v, %q, want %q", raw, u, text, want)
		} else if regexp.MustCompile("hunter2|9{5}|123456789").MatchString(text) {
			t.Errorf("ParseURL(%q) quotes it: %q", raw, text)
		}
	}
}

func TestURL_isLoopback(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		"http://localhost:3000":         true,
		"http://LocalHost.":             true,
		"http://chat.localhost":         true,
		"http://127.0.0.1":              true,
		"http://127.1.2.3:80":           true,
		"http://[::1]:3000":             true,
		"http://[::ffff:127.0.0.1]":     true,
		"http://localhost.example.test": false,
		"http://notlocalhost":           false,
		"http://10.0.0.1":               false,
		"http://0.0.0.0":                false,
		"http://[2001:db8::1]":          false,
		"http://128.0.0.1":              false,
	} {
		if u, err := ParseURL(raw); err != nil || IsLoopback(u) != want {
			t.Errorf("IsLoopback(%q) = %v, %v, want %v", raw, !want, err, want)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{
		"https://chat.example.invalid", "http://localhost:3000/", "https://a:b@example.invalid", "https://example.invalid/x//?q#f",
		"https://[2001:db8::1]:443/a%2Fb/", "//x", "https:", "https://example.invalid:99999", "https://example.invalid/%2F/", " https://x ",
		"https://x/../..", "https://x/%2e%2e/", "https://x:", "https://x/;a=b", "https://%41/", "http://::1:80", "127.0.0.1:3000",
	} {
		f.Add(seed)
	}
	texts := []string{
		"is empty", errNoURL.Error(), errUser.Error(), errNoScheme.Error(), errIPv6.Error(),
		"has no host", "must not contain a query", "must not contain a fragment", "has a port that does not exist",
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := ParseURL(raw)
		if err != nil {
			if !slices.Contains(texts, err.Error()) {
				t.Errorf("ParseURL(%q): the text %q may quote it", raw, err)
			}
			return
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(u.Path, "/") {
			t.Errorf("ParseURL(%q) = %+v", raw, *u)
		}
		called, err := url.Parse(u.JoinPath(listAll.path).String())
		if err != nil || origin(called) != origin(u) || !strings.HasSuffix(called.Path, listAll.path) || called.RawQuery != "" {
			t.Errorf("of %q the list is at %v, %v", raw, called, err)
		}
		if again, err := ParseURL(u.String()); err != nil || again.String() != u.String() {
			t.Errorf("ParseURL(%q) = %q, which reads as %v, %v", raw, u, again, err)
		}
	})
}
