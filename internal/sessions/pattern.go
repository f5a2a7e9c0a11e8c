// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Pattern is a compiled RE2 regular expression in the provider's dialect:
// unanchored, and case-insensitive unless the expression says (?-i). Expression
// and text are compared in Unicode's normal form C, which Terraform gives every
// string: é matches however it is written.
type Pattern struct {
	expr string
	re   *regexp.Regexp
}

// CompilePattern compiles an expression. The error quotes the part of the
// caller's own expression that is wrong, and wraps a [*syntax.Error].
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

// Match tells whether the expression matches anywhere in s.
func (p *Pattern) Match(s string) bool {
	return p.MatchesEverything() || p.re.MatchString(norm.NFC.String(s))
}

// MatchesEverything tells whether the expression is empty. The empty
// expression matches every session, even one whose field is null, as
// Rocket.Chat's own filter does; no other expression matches null.
func (p *Pattern) MatchesEverything() bool {
	return p.expr == ""
}

// String returns the expression as it was given.
func (p *Pattern) String() string {
	return p.expr
}

// explain adds what people who know other dialects trip over.
func explain(err error) error {
	var syntaxError *syntax.Error
	if !errors.As(err, &syntaxError) {
		return err
	}
	quoted := syntaxError.Expr
	switch {
	case strings.HasPrefix(quoted, "(?=") || strings.HasPrefix(quoted, "(?!") ||
		strings.HasPrefix(quoted, "(?<=") || strings.HasPrefix(quoted, "(?<!"):
		return fmt.Errorf("%w; RE2 has no look-around", err)
	case len(quoted) == 2 && quoted[0] == '\\' && '1' <= quoted[1] && quoted[1] <= '9':
		return fmt.Errorf("%w; RE2 has no backreferences", err)
	default:
		return err
	}
}
