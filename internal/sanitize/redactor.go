// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sanitize

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Redacted replaces a secret.
const Redacted = "(redacted)"

// MinSecretBytes is the minimum length of a secret that is redacted. To hide a header's
// value such as "1" would make every text illegible and protect nothing.
const MinSecretBytes = 4

// Redactor hides secrets, however their letters are written: in upper or lower
// case, percent-encoded as in a URL, or escaped as in JSON. Nil hides none.
type Redactor struct {
	pattern *regexp.Regexp
	// longest is how many bytes a secret takes at most.
	longest int
}

// NewRedactor returns a redactor of the secrets that are long enough.
func NewRedactor(secrets ...string) *Redactor {
	var patterns []string
	for _, secret := range longestFirst(secrets) {
		patterns = append(patterns, patternOf(secret))
	}
	if len(patterns) == 0 {
		return nil
	}
	return &Redactor{
		pattern: regexp.MustCompile("(?i:" + strings.Join(patterns, "|") + ")"),
		longest: longestOf(secrets),
	}
}

// longestOf is how many bytes the longest of the secrets takes, encoded in the longest way.
func longestOf(secrets []string) int {
	longest := 0
	for _, secret := range secrets {
		longest = max(longest, len(`\u0000`)*len(secret))
	}
	return longest
}

// longestFirst are the secrets that are long enough, so that one which contains
// another is replaced whole.
func longestFirst(secrets []string) []string {
	var kept []string
	for _, secret := range secrets {
		if len(secret) >= MinSecretBytes {
			kept = append(kept, strings.ToValidUTF8(secret, "\uFFFD"))
		}
	}
	slices.SortFunc(kept, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(kept)
}

// patternOf matches each character of secret as it stands or encoded.
func patternOf(secret string) string {
	var b strings.Builder
	for _, c := range secret {
		ways := []string{regexp.QuoteMeta(string(c)), ""}
		for _, octet := range []byte(string(c)) {
			ways[1] += fmt.Sprintf("%%%02x", octet)
		}
		if c <= 0xFFFF {
			ways = append(ways, fmt.Sprintf(`\\u%04x`, c))
		}
		switch c {
		case ' ':
			ways = append(ways, `\+`)
		case '"', '\\', '/':
			ways = append(ways, `\\`+regexp.QuoteMeta(string(c)))
		}
		b.WriteString("(?:" + strings.Join(ways, "|") + ")")
	}
	return b.String()
}

// Redact hides the secrets, and more, which are searched for literally.
func (r *Redactor) Redact(text string, more ...string) string {
	if r != nil {
		text = r.pattern.ReplaceAllString(text, Redacted) //mutate:redact
	}
	for _, secret := range longestFirst(more) {
		text = strings.ReplaceAll(text, secret, Redacted)
	}
	return text
}
