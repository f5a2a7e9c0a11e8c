// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// clientSettings is the client's configuration and what it does not keep.
type clientSettings struct {
	rocketchat.Config
	// totpSecret is as the user wrote it.
	totpSecret string
}

// parse converts settings that are already validated.
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

// checkMethod refuses a method without its setting. Method email without a code is
// not a mistake: it makes the workspace mail one.
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
