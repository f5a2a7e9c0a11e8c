// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// warningsOfLongWaits says why a read took minutes in which Terraform showed nothing, once a
// run for each rate limit.
func (p *providerData) warningsOfLongWaits() diag.Diagnostics {
	var diags diag.Diagnostics
	for _, long := range p.client.LongWaits() {
		summary, limit := "The provider waited for the rate limit of the workspace", limitOfCalls(long.Calls)
		help := bypassLimit + raiseLimit
		if long.Gateway {
			summary, limit = "The provider waited for the rate limit of a gateway", "The gateway is in front of the workspace."
			help = "a higher limit in the gateway"
		}
		diags.AddWarning(summary, paragraphs(
			fmt.Sprintf("%s waited %s in total.", long.Request, long.Wait.Round(time.Second)), limit,
			"Any of these helps: "+help+"; or fewer separate reads, because data sources with the same `search` share one.",
			"TF_LOG_PROVIDER=INFO shows each wait before it begins. Further waits of this run for the same limit give no warning."))
	}
	return diags
}

const (
	bypassLimit = "the permission `api-bypass-rate-limit` for one of the account's roles (" + menuPermissions + "); "
	raiseLimit  = "a higher limit (" + menuSettings + " → Rate Limiter)"
)

// limitOfCalls is the workspace's limit; calls is 0 if the workspace did not say.
func limitOfCalls(calls int) string {
	if calls <= 0 {
		return "The workspace limits the calls of each client address."
	}
	return fmt.Sprintf("The workspace allows each client address %d calls of a route per window.", calls)
}
