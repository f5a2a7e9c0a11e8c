// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// providerData is what a configured provider hands to every kind.
type providerData struct {
	client *rocketchat.Client
	clock  clock.Clock
}

// configure is the Configure method of every kind. It returns nil while the
// provider is not configured, as during a validation.
func configure(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	configured, ok := data.(*providerData)
	if !ok {
		diags.AddError(
			"The provider handed over data of the wrong type",
			fmt.Sprintf("Expected *provider.providerData, got %T. This is a mistake in the provider; please report it.", data),
		)
	}
	return configured
}
