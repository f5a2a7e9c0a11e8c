// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
)

// maxFilterUsers is how many users the server's filter looks up by name.
const maxFilterUsers = 5

// filter lists the rows whose search string contains a text, or whose user is
// one of the five that do.
func (s *store) filter(text string) []*row {
	if text == "" {
		return s.rows
	}
	if s.found.filter == text && s.found.version == s.version {
		return s.found.rows
	}
	folded := fold(text)
	users := s.users.find(folded)
	var rows []*row
	for _, r := range s.rows {
		if strings.Contains(r.search, folded) || users[r.userID] {
			rows = append(rows, r)
		}
	}
	s.found.filter, s.found.version, s.found.rows = text, s.version, rows
	return rows
}

// own lists a user's rows whose search string contains a text.
func (s *store) own(userID, text string) []*row {
	folded := fold(text)
	var rows []*row
	for _, r := range s.rows {
		if r.userID == userID && strings.Contains(r.search, folded) {
			rows = append(rows, r)
		}
	}
	return rows
}

// match returns the newest row whose search string matches an expression, or
// nil. The error is the database's text.
func (s *store) match(expression string) (*row, error) {
	pattern, err := regexp.Compile("(?i)" + expression)
	if err != nil {
		return nil, databaseRegexpError(err)
	}
	literal := regexp.QuoteMeta(expression) == expression
	folded := fold(expression)
	for _, r := range s.rows {
		if literal && strings.Contains(r.search, folded) || !literal && pattern.MatchString(r.search) {
			return r, nil
		}
	}
	return nil, nil
}

// databaseRegexpError words an error as PCRE does behind MongoDB.
func databaseRegexpError(err error) error {
	text := "syntax error"
	if parse, ok := errors.AsType[*syntax.Error](err); ok {
		switch parse.Code {
		case syntax.ErrMissingParen:
			text = "missing closing parenthesis"
		case syntax.ErrUnexpectedParen:
			text = "unmatched closing parenthesis"
		case syntax.ErrMissingBracket:
			text = "missing terminating ] for character class"
		case syntax.ErrMissingRepeatArgument, syntax.ErrInvalidRepeatOp:
			text = "quantifier does not follow a repeatable item"
		case syntax.ErrTrailingBackslash:
			text = "\\ at end of pattern"
		}
	}
	return errors.New("Regular expression is invalid: " + text)
}
