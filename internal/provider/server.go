// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
)

// NewServer returns the provider as Terraform talks to it: the framework's
// server for protocol 6, with the short way for long lists in front of it.
func NewServer(version string, opts ...Option) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		server := providerserver.NewProtocol6(New(version, opts...)())()
		if full, ok := server.(bulk.FullServer); ok {
			return bulk.NewServer(full)
		}
		return server
	}
}
