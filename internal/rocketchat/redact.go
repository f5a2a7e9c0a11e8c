// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"cmp"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// Redactor hides all secrets of the configuration, in each form in which they are
// sent. Use it to print text that a server or a gateway may repeat.
func (c *Config) Redactor() *sanitize.Redactor { return sanitize.NewRedactor(c.secrets()...) }

// secrets are the texts that must appear nowhere. The user ID is not a secret:
// Rocket.Chat shows it to everybody.
func (c *Config) secrets() []string {
	all := []string{c.AuthToken, c.TwoFactor.Code, c.TwoFactor.Password}
	if c.TwoFactor.Password != "" {
		all = append(all, passwordHash(c.TwoFactor.Password))
	}
	if c.TwoFactor.TOTP != nil {
		all = append(all, c.TwoFactor.TOTP.forms...)
	}
	for _, value := range c.Headers {
		all = append(all, credentialForms(value)...)
	}
	if proxy := c.proxy(); c.URL != nil && proxy != nil {
		// A proxy whose address cannot be read fails when it is used.
		if u, err := proxy(&http.Request{URL: c.URL}); err == nil && u != nil && u.User != nil {
			password, _ := u.User.Password()
			pair := u.User.Username() + ":" + password
			all = append(all, password, pair, u.User.String(), base64.StdEncoding.EncodeToString([]byte(pair)))
		}
	}
	return all
}

// credentialForms are a header's value, what follows its scheme ("Bearer x"), and
// of "Basic" what is encoded there.
func credentialForms(value string) []string {
	forms := []string{value}
	scheme, rest, ok := strings.Cut(strings.TrimSpace(value), " ")
	if !ok {
		return forms
	}
	rest = strings.TrimSpace(rest)
	forms = append(forms, rest)
	if pair, err := base64.StdEncoding.DecodeString(rest); err == nil && strings.EqualFold(scheme, "Basic") {
		_, password, _ := strings.Cut(string(pair), ":")
		forms = append(forms, string(pair), password)
	}
	return forms
}

// shower makes foreign texts safe for an error or the log: without the secrets of the
// configuration and the codes that were sent.
type shower struct {
	redactor *sanitize.Redactor
	codes    []string
}

func (c *Client) shower() shower { return shower{c.redactor, c.factor.sentCodes()} }

func (s shower) line(text string) string { return s.redactor.Line(text, s.codes...) }

func (s shower) title(page string) string { return s.redactor.Title(page, s.codes...) }

// quote shows the text of a refusal, of a page only the title.
func (s shower) quote(text string) string {
	if !sanitize.IsPage(text) {
		return s.line(text)
	}
	return cmp.Or(s.title(text), "(an HTML page)")
}

// error shows the text of an error that quotes others, and keeps its type.
func (s shower) error(err error) error { return &shownError{text: s.line(err.Error()), err: err} }

// shownError is an error with a foreign text, and the text to display.
type shownError struct {
	text string
	err  error
}

func (e *shownError) Error() string { return e.text }

// Is and As find the type of the error. There is no Unwrap, so that printing the
// chain cannot print the original text of a server, a proxy or a certificate.
func (e *shownError) Is(target error) bool { return errors.Is(e.err, target) }

// As implements the method that errors.As looks for.
func (e *shownError) As(target any) bool { return errors.As(e.err, target) }
