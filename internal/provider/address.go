// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

// Address is where Terraform looks for the provider.
const Address = "registry.terraform.io/terraform-rocketchat/rocketchat"
