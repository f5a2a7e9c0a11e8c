// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"cmp"
	"errors"
	"net"
	"slices"
	"strings"
	"unicode"
)

// maxMessageRunes bounds a server's text in an error, in characters.
const maxMessageRunes = 500

// secrets are the texts that may appear nowhere, longest first, so that one
// which contains another is replaced whole.
func (c *Config) secrets() []string {
	all := []string{c.AuthToken, c.TwoFactor.Code, c.TwoFactor.Password}
	if c.TwoFactor.Password != "" {
		all = append(all, passwordHash(c.TwoFactor.Password))
	}
	if c.TwoFactor.TOTP != nil {
		all = append(all, c.TwoFactor.TOTP.secret)
	}
	for _, value := range c.Headers {
		all = append(all, value)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return all
}

// clean makes a text from elsewhere fit for an error: bounded, on one line, and
// without a secret that a gateway may have sent back. Of a page only the fact
// remains.
func (r *request) clean(text string) string {
	text = r.hide(strings.ToValidUTF8(text, "\uFFFD"))
	if startsLike([]byte(text), '<') {
		return "(an HTML page)"
	}
	text = strings.Join(strings.FieldsFunc(text, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c)
	}), " ")
	if runes := []rune(text); len(runes) > maxMessageRunes {
		return string(runes[:maxMessageRunes]) + "…"
	}
	return text
}

// cleanError leaves of an error that holds a secret the clean text: net/http and
// encoding/json quote what they cannot read. Errors of the network and of
// certificates do not, and their types are wanted.
func (r *request) cleanError(err error) error {
	var network net.Error
	if errors.As(err, &network) || isCertificateProblem(err) || errors.Is(err, errTooLarge) {
		return err
	}
	if text := err.Error(); r.hide(text) != text {
		return errors.New(r.clean(text))
	}
	return err
}

// hide takes the secrets out of a text from elsewhere, with the code that the
// request has sent.
func (r *request) hide(text string) string {
	text = r.client.redact.Replace(text) //mutate:redact
	if r.code != "" {
		text = strings.ReplaceAll(text, r.code, redacted)
	}
	return text
}

// redacted stands for a secret in a text that came from elsewhere.
const redacted = "(redacted)"

// newRedactor replaces secrets in texts that servers and gateways send back.
func newRedactor(secrets ...string) *strings.Replacer {
	var pairs []string
	for _, secret := range secrets {
		if secret != "" {
			pairs = append(pairs, secret, redacted)
		}
	}
	return strings.NewReplacer(pairs...)
}
