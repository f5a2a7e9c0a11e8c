// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

func explainResponse(e *rocketchat.ResponseError) explanation {
	said := fmt.Sprintf("%s was answered with HTTP status %d%s.", e.Request, e.Status, quoted(e.Message))
	switch {
	case errors.Is(e, rocketchat.ErrNotLoggedIn):
		return explanation{
			summary: "Rocket.Chat does not accept the user id and token",
			detail: paragraphs(
				said,
				"The token is wrong, was deleted or has expired, or the user id belongs to another user. The user id is not the user name.",
				"Create a personal access token ("+menuTokens+"), which shows both, and set the provider's `user_id` (environment variable "+
					"ROCKETCHAT_USER_ID) "+
					"and `auth_token` (ROCKETCHAT_AUTH_TOKEN).",
			),
		}
	case errors.Is(e, rocketchat.ErrNoPermission):
		return explainPermission(e, said)
	case errors.Is(e, rocketchat.ErrNoLicence): //mutate:licence
		return explanation{
			summary: "The workspace has no licence for device management",
			detail: paragraphs(said,
				"Sessions are part of the premium feature \"device management\". The workspace's licence does not include it or has expired.",
				"An administrator can find the plan under Manage (in older releases Administration) → Workspace → Subscription."),
		}
	case errors.Is(e, rocketchat.ErrInvalidParameters):
		return explanation{
			summary: "Rocket.Chat refused the parameters of the request",
			detail: paragraphs(said,
				"The workspace checks parameters more strictly than the releases that the provider knows, or a gateway adds one.",
				"Remove `search` if it is set. If that does not help, please report the error with the workspace's release."),
			blame: blameSearch,
		}
	case e.Status >= http.StatusInternalServerError: //mutate:server-fault
		return explanation{
			summary: "The workspace failed to answer",
			detail: paragraphs(said, attempts(e.Attempts),
				"The cause is the workspace, its database or the gateway in front of it; see their logs. "+
					"If the error is temporary, increase the provider's `max_retries`."),
		}
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden || e.Status == http.StatusProxyAuthRequired:
		return explanation{
			summary: "Access was refused before Rocket.Chat",
			detail: paragraphs(
				said,
				"The answer is not in Rocket.Chat's format, so it comes from a gateway or proxy in front of it.",
				"If the gateway requires a header, set it in the provider's `headers`. If it requires a client certificate, set "+
					"`tls.client_certificate_pem` and `tls.client_key_pem`.",
			),
		}
	default:
		return explanation{
			summary: "Rocket.Chat refused the request",
			detail: paragraphs(said, attempts(e.Attempts),
				"The text above comes from the server. If it is a database error, see the log of the workspace."),
		}
	}
}

// explainNotFound also holds where the server answered with another session
// than the one that was asked for.
func explainNotFound(err error) (explanation, bool) {
	return explanation{
		summary: "There is no such session",
		detail: paragraphs(
			sentence(err.Error()),
			"The session has probably ended since its ID was read: by a logout, by a new login with the same token, or because it expired. "+
				"IDs are case-sensitive.",
			"Read the list again with the data source `rocketchat_workspace_sessions`.",
		),
		blame: blameSession,
	}, errors.Is(err, rocketchat.ErrNotFound)
}

func explainPermission(e *rocketchat.ResponseError, said string) explanation {
	const summary = "The account lacks a permission"
	if e.Permission == "" {
		return explanation{summary: summary, detail: paragraphs(
			said,
			"The provider does not know which permission this request requires. Ask an administrator to check the account's roles "+
				"under "+menuPermissions+".",
		)}
	}
	if e.Setting != "" {
		return explainSetting(e, said, summary)
	}
	return explanation{
		summary: summary,
		detail: paragraphs(
			said,
			"The account that the token belongs to lacks the permission `"+e.Permission+"`.", //mutate:permission
			"Ask an administrator to grant it to one of the account's roles "+
				"under "+menuPermissions+": search for "+e.Permission+" and select the role. "+
				"A dedicated role needs no other permission for this.",
		),
	}
}

// explainSetting is for the list of users, for which a setting may ask more.
func explainSetting(e *rocketchat.ResponseError, said, summary string) explanation {
	const outside = "view-outside-room"
	lacks := "The workspace's setting `" + e.Setting + "` is on, and the account that the token belongs to lacks the " +
		"permission `" + outside + "`."
	if e.Permission != outside {
		lacks = "The account that the token belongs to lacks the permission `" + e.Permission + "`; or it lacks `" + outside +
			"`, and the workspace's setting `" + e.Setting + "` is on. The workspace gives the same answer for both."
	}
	return explanation{
		summary: summary,
		detail: paragraphs(
			said,
			lacks,
			"Ask an administrator to grant the permission to one of the account's roles under "+menuPermissions+", or to turn off the "+
				"setting under "+
				menuSettings+" → General → REST API.",
		),
	}
}
