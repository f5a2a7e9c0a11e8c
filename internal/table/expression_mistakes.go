// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Some expressions compile, but hardly mean what they say, and a rule with them would
// pass whoever is logged in.

// CheckText returns an error for a text that begins or ends with white space or an
// invisible character, or contains a line break: the text of a file or a heredoc does.
func CheckText(text string) error {
	switch at := strings.IndexFunc(text, isLineBreak); {
	case at >= 0:
		return fmt.Errorf("is %q, which contains a line break, as the text of a file or a heredoc does; "+
			"write chomp(file(…)) or trimspace(…)", text)
	case strings.TrimFunc(text, isBlank) != text:
		return fmt.Errorf("is %q, which begins or ends with white space or an invisible character; write trimspace(…) around it", text)
	default:
		return nil
	}
}

// CheckBlanks is [CheckText] for an expression, of which each alternative counts: `a |b`
// finds no a at the end of a text. White space that is meant is written [ ] or \s.
func (p *Pattern) CheckBlanks() error {
	if slices.ContainsFunc(bareBlanks.FindAllString(p.expr, -1), isBareLineBreak) {
		return fmt.Errorf("is %q, which contains a line break, as the text of a file, a heredoc or split(\"\\n\", …) does, so it "+
			"matches no session; write chomp(file(…)), or trimspace(…) around each part, and \\n for a line break that is meant", p.expr)
	}
	if !strings.ContainsFunc(p.expr, isBlank) {
		return nil
	}
	marked := bareBlanks.ReplaceAllStringFunc(p.expr, func(token string) string {
		if isBare(token) {
			return string(blank)
		}
		return token
	})
	tree, err := syntax.Parse(marked, syntax.Perl)
	if err != nil || !blankAt(tree, false) && !blankAt(tree, true) {
		return nil //nolint:nilerr // Marks leave an expression that compiles one that compiles.
	}
	return fmt.Errorf("is %q, in which white space or an invisible character begins or ends the expression or an alternative; "+
		"remove it, for example with trimspace(…), or write [ ] or \\s if it is meant", p.expr)
}

const (
	// blank stands for white space in an expression that is looked at.
	blank = '\uE000'
	// probe is a text that no list of names has.
	probe = "a 0-" + string(blank)
)

// bareBlanks are white space, and whatever can contain it on purpose: an escape or a class.
var bareBlanks = regexp.MustCompile(`(?s)\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|[\s\p{Z}\p{Cf}\x{85}]+`)

func isBare(token string) bool { return strings.TrimFunc(token, isBlank) == "" }

func isBareLineBreak(token string) bool {
	return isBare(token) && strings.ContainsFunc(token, isLineBreak)
}

func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }

func isLineBreak(r rune) bool { return strings.ContainsRune("\n\v\f\r\u0085\u2028\u2029", r) }

// blankAt reports whether an alternative begins with a marked blank, or ends with one.
func blankAt(tree *syntax.Regexp, atEnd bool) bool {
	switch tree.Op {
	case syntax.OpLiteral:
		if atEnd {
			return tree.Rune[len(tree.Rune)-1] == blank
		}
		return tree.Rune[0] == blank
	case syntax.OpConcat:
		parts := slices.Clone(tree.Sub)
		if atEnd {
			slices.Reverse(parts)
		}
		for _, part := range parts {
			if blankAt(part, atEnd) {
				return true
			}
			if !nullable(part) {
				return false
			}
		}
		return false
	default:
		return slices.ContainsFunc(tree.Sub, func(part *syntax.Regexp) bool { return blankAt(part, atEnd) })
	}
}

// CheckExclude returns an error for an expression that, in exclude, omits everybody by
// mistake: one that matches the empty text by an alternative without characters, as a
// join of too few parts makes it, or matches every text without a wildcard for it. What
// can be meant is no error: `.*`, `^$` and `^(a|b)?$`.
func (p *Pattern) CheckExclude() error {
	tree, err := syntax.Parse(p.expr, syntax.Perl)
	if err != nil || !nullable(tree) {
		return err
	}
	const instead = `write null if there is nothing to omit, as in length(x) == 0 ? null : "^(${join("|", x)})$", ` +
		`and remove empty elements with compact(x)`
	if emptyAlternative(tree) {
		return fmt.Errorf("is %q, which has an empty alternative, as a join of an empty list or of empty elements does; it "+
			"matches the empty text, and unless it is anchored, every text; %s", p.expr, instead)
	}
	// The longest match distinguishes a wildcard, which takes all of the text, from an
	// expression that is content with nothing.
	longest := regexp.MustCompile(p.re.String())
	longest.Longest()
	if p.re.MatchString(probe) && longest.FindString(probe) != probe {
		return fmt.Errorf("is %q, which matches every text, because it also matches the empty text; %s; write .* to omit "+
			"every row that has the field", p.expr, instead)
	}
	return nil
}

// MatchesEveryText reports whether the expression matches whatever a field contains, but
// for a field that is missing.
func (p *Pattern) MatchesEveryText() bool {
	return p.re.MatchString("") && p.re.MatchString(probe)
}

// nullable reports whether a part of an expression matches the empty text.
func nullable(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch, syntax.OpWordBoundary:
		return false
	case syntax.OpCapture, syntax.OpPlus, syntax.OpConcat:
		return !slices.ContainsFunc(tree.Sub, func(part *syntax.Regexp) bool { return !nullable(part) })
	case syntax.OpRepeat:
		return tree.Min == 0 || nullable(tree.Sub[0])
	case syntax.OpAlternate:
		return slices.ContainsFunc(tree.Sub, nullable)
	default:
		return true // anchors, *, ? and what is empty itself
	}
}

// emptyAlternative reports whether a part matches the empty text where nothing is
// written; what * or ? makes optional is written.
func emptyAlternative(tree *syntax.Regexp) bool {
	return tree.Op == syntax.OpEmptyMatch || nullable(tree) && slices.ContainsFunc(tree.Sub, emptyAlternative)
}

// CheckNetwork returns an error for an expression on an address that contains a slash,
// which no address does: a network in CIDR notation matches none as a text.
func (p *Pattern) CheckNetwork() error {
	if !strings.Contains(p.expr, "/") {
		return nil
	}
	return fmt.Errorf("is %q, and no address contains a slash; "+
		"write a network in CIDR notation into `within_cidrs` or `outside_cidrs`", p.expr)
}
