// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Pattern is a compiled RE2 regular expression in the provider's dialect: unanchored,
// and case-insensitive unless the expression begins with (?-i). Expression and text are
// compared in Unicode normal form C, in which Terraform has every string, so é matches
// in any encoding.
type Pattern struct {
	expr string
	re   *regexp.Regexp
}

// CompilePattern compiles an expression. The error quotes the wrong part of the
// caller's expression, and wraps a [*syntax.Error].
func CompilePattern(expr string) (*Pattern, error) {
	// Parsed with a flag first, because the prefix that regexp.Compile needs
	// would show up in the error's quotation.
	if _, err := syntax.Parse(expr, syntax.Perl|syntax.FoldCase); err != nil {
		return nil, explain(err)
	}
	re, err := regexp.Compile("(?i)" + norm.NFC.String(expr))
	if err != nil {
		return nil, explain(err)
	}
	return &Pattern{expr: expr, re: re}, nil
}

// Match reports whether the expression matches anywhere in s.
func (p *Pattern) Match(s string) bool {
	return p.MatchesEverything() || p.re.MatchString(norm.NFC.String(s))
}

// MatchesEverything reports whether the expression is empty. Like Rocket.Chat's own
// filter, the empty expression matches every session, even one whose field is null; no
// other expression matches null.
func (p *Pattern) MatchesEverything() bool {
	return p.expr == ""
}

// String returns the expression as it was given.
func (p *Pattern) String() string {
	return p.expr
}

// explain mentions features of other dialects that RE2 lacks.
func explain(err error) error {
	var syntaxError *syntax.Error
	if !errors.As(err, &syntaxError) {
		return err
	}
	quoted := syntaxError.Expr
	switch {
	case strings.HasPrefix(quoted, "(?!") || strings.HasPrefix(quoted, "(?<!"):
		return fmt.Errorf("%w; RE2 has no look-around: write what must not match, as an expression of its own, into `exclude`", err)
	case strings.HasPrefix(quoted, "(?=") || strings.HasPrefix(quoted, "(?<="):
		return fmt.Errorf("%w; RE2 has no look-around: write the whole text that must match, or use `match` for one condition and `filter` "+
			"for the other", err)
	case len(quoted) == 2 && quoted[0] == '\\' && '1' <= quoted[1] && quoted[1] <= '9':
		return fmt.Errorf("%w; RE2 has no backreferences", err)
	default:
		return err
	}
}
