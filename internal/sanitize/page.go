// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sanitize

import (
	"html"
	"regexp"
	"strings"
)

const (
	// MaxTitleBytes bounds the displayed title of a page.
	MaxTitleBytes = 100
	// maxPageBytes bounds the part of a page in which its title is searched for.
	maxPageBytes = 64 << 10
)

var (
	pageStart = regexp.MustCompile(`(?i)^(?:<!doctype|<\?xml|<!--|<(?:html|head|body|title|meta|script|center|h1)\b)`)
	// titles are where pages name themselves, best first. Pages of proxies may have only a
	// heading, and those of storage services are XML with a message.
	titles = []*regexp.Regexp{
		regexp.MustCompile(`(?is)<title\b[^>]*>(.*?)</title`),
		regexp.MustCompile(`(?is)<h1\b[^>]*>(.*?)</h1`),
		regexp.MustCompile(`(?is)<message\b[^>]*>(.*?)</message`),
	}
	tag = regexp.MustCompile(`<[^>]*>`)
)

// IsPage reports whether the body of a response is a page of HTML or XML. The text of an
// error or a name can begin with < as well, and is not one.
func IsPage(body string) bool { return pageStart.MatchString(strings.TrimLeft(body, "\uFEFF \t\r\n")) }

// Title is how a page names itself, cleaned as by [Redactor.Line] and at most
// [MaxTitleBytes] long; empty if it does not.
func (r *Redactor) Title(page string, more ...string) string {
	page = page[:min(len(page), maxPageBytes)]
	for _, pattern := range titles {
		if found := pattern.FindStringSubmatch(page); found != nil {
			text := html.UnescapeString(tag.ReplaceAllString(found[1], " "))
			if title := shorten(r.Line(text, more...), MaxTitleBytes); title != "" {
				return title
			}
		}
	}
	return ""
}
