// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// clientSettings is the client's configuration and what it does not keep.
type clientSettings struct {
	rocketchat.Config
	// totpSecret is as the user wrote it.
	totpSecret string
}

// parse fills in what is checked already and only has to change its form.
func (s *clientSettings) parse(address string) diag.Diagnostics {
	var diags diag.Diagnostics
	u, err := rocketchat.ParseURL(address)
	if err != nil {
		diags.AddAttributeError(urlSetting().path(), "Unusable workspace address", "The workspace address "+err.Error()+".")
	}
	s.URL = u
	if s.totpSecret == "" {
		return diags
	}
	secret, err := rocketchat.ParseTOTPSecret(s.totpSecret)
	if err != nil {
		diags.AddAttributeError(totpSecretSetting().path(), "Unusable TOTP secret", "The TOTP secret "+err.Error()+".")
	}
	s.TwoFactor.TOTP = secret
	return diags
}

// checkMethod refuses a method that nothing is set for. Method email without a
// code is no mistake: it has the workspace mail one.
func (s *clientSettings) checkMethod() diag.Diagnostics {
	var diags diag.Diagnostics
	factor := s.TwoFactor
	switch {
	case factor.Method == rocketchat.MethodTOTP && factor.TOTP == nil && factor.Code == "":
		diags.AddAttributeError(methodSetting().path(), "Second-factor method without its secret",
			"The method `totp` needs `two_factor.totp_secret` (environment variable ROCKETCHAT_TOTP_SECRET), "+
				"or for a single use `two_factor.code` (ROCKETCHAT_TWO_FACTOR_CODE).")
	case factor.Method == rocketchat.MethodPassword && factor.Password == "":
		diags.AddAttributeError(methodSetting().path(), "Second-factor method without its password",
			"The method `password` needs `two_factor.password` (environment variable ROCKETCHAT_PASSWORD).")
	}
	return diags
}

// shortestSecret is the least length that is masked: to mask a header value
// such as "1" would blot every log line out and hide nothing.
const shortestSecret = 4

// secrets are what must not appear in a log, in each form that it takes.
func (s *clientSettings) secrets() []string {
	all := append(totpForms(s.totpSecret), s.AuthToken, s.TwoFactor.Code)
	if s.TwoFactor.Password != "" {
		hash := sha256.Sum256([]byte(s.TwoFactor.Password))
		all = append(all, s.TwoFactor.Password, hex.EncodeToString(hash[:]))
	}
	for _, value := range s.Headers {
		all = append(all, value)
	}
	return slices.DeleteFunc(all, func(s string) bool { return len(s) < shortestSecret })
}

func totpForms(written string) []string {
	forms := []string{written}
	if u, err := url.Parse(written); err == nil && u.Query().Get("secret") != "" {
		written = u.Query().Get("secret")
		forms = append(forms, written)
	}
	bare := strings.NewReplacer(" ", "", "-", "", "=", "").Replace(written)
	return append(forms, bare, strings.ToUpper(bare))
}
