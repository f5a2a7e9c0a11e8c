// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

func example(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("../../examples/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The examples of the documentation run as they are, one with the other: the
// address of the example leads to the simulated workspace.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	rows := fourSessions()
	// The example goes by the machine's clock, so one session has to stay new.
	rows[1].LoginAt = rocketchattest.Some(time.Date(2999, time.January, 1, 0, 0, 0, 0, time.UTC))
	rows = append(rows, rocketchattest.Session{
		SessionID: rocketchattest.Some("sOld"), ID: rocketchattest.Some("sOld"), UserID: rocketchattest.Some("id-of-eve"), IP: rocketchattest.Some("198.51.100.9"),
		LoginAt: rocketchattest.Some(startOfTests().AddDate(0, 0, -45)),
		Device:  rocketchattest.Some(rocketchattest.Device{OS: rocketchattest.Some(rocketchattest.OS{Name: rocketchattest.Some("Windows")})}),
		User:    rocketchattest.Some(rocketchattest.User{Username: rocketchattest.Some("eve")}),
	})
	w := newWorkspace(t, rocketchattest.Options{Sessions: rows})
	account := w.Account("totp")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(WithTransport(w.Transport())),
		Steps: []resource.TestStep{{
			Config: example(t, "provider/provider.tf") + example(t, "data-sources/rocketchat_workspace_sessions/data-source.tf"),
			ConfigVariables: config.Variables{
				"rocketchat_user_id":     config.StringVariable(account.UserID),
				"rocketchat_auth_token":  config.StringVariable(account.Token),
				"rocketchat_totp_secret": config.StringVariable(account.TOTPSecret),
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("stale_sessions", knownvalue.TupleExact([]knownvalue.Check{
					knownvalue.StringExact("deleted user id-of-gone since 2023-04-10T12:00:00.000Z from an unknown address on an unknown system"),
					knownvalue.StringExact("eve since 2023-04-15T12:00:00.000Z from 198.51.100.9 on Windows"),
				})),
				statecheck.ExpectKnownOutputValue("stale_share", knownvalue.StringExact("2 of 5")),
			},
		}},
	})
}
