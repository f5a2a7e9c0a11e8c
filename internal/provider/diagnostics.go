// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// Where things are in Rocket.Chat's own menus.
const (
	menuTokens      = "avatar → Profile → Personal Access Tokens" //nolint:gosec // G101: a menu, not a credential
	menuTwoFactor   = "avatar → Profile → Security → Two Factor Authentication"
	menuPermissions = "Manage (in older releases Administration) → Workspace → Permissions"
	menuSettings    = "Manage (in older releases Administration) → Workspace → Settings"
)

// argument is the argument that caused a failure; its name differs between data
// sources, ephemeral resource and action.
type argument int

const (
	noArgument argument = iota
	timeoutArgument
	searchArgument
	sessionArgument
	usersArgument
)

// errorPaths are the paths of those arguments in one schema. The provider's own
// attributes have no path there, so texts name them.
type errorPaths map[argument]path.Path

// task is the operation that failed. Not every remedy fits every task.
type task struct {
	// noun names the task in a summary, and rows what it reads several of.
	noun, rows string
	// routes are those that it needs.
	routes string
	// pages says that it reads a list of sessions page by page, which can be narrowed.
	pages bool
}

const sessionRoutes = "everything below /api/v1/sessions/"

var (
	readingList    = task{noun: "read", rows: "sessions", routes: sessionRoutes, pages: true}
	readingOne     = task{noun: "read", rows: "sessions", routes: sessionRoutes}
	endingSessions = task{noun: "logout", rows: "sessions", routes: sessionRoutes}
)

// only returns text if t is the task that it is about, else an empty string.
func (t task) only(about task, text string) string {
	if t == about {
		return text
	}
	return ""
}

// explanation describes a failure to the user.
type explanation struct {
	summary  string
	detail   string
	argument argument
}

func explained(summary string, detail ...string) explanation {
	return explanation{summary: summary, detail: paragraphs(detail...)}
}

// at names the argument that the failure is due to.
func (e explanation) at(b argument) explanation {
	e.argument = b
	return e
}

// addTo is the only place that turns a failure into a diagnostic. It cleans untrusted
// texts once more, wherever the error comes from.
func (e explanation) addTo(diags *diag.Diagnostics, paths errorPaths) {
	if where, ok := paths[e.argument]; ok {
		diags.AddAttributeError(where, e.summary, sanitize.Lines(e.detail))
		return
	}
	diags.AddError(e.summary, sanitize.Lines(e.detail))
}

// explain is the table from the client's errors to their explanations.
func explain(err error, doing task) explanation {
	for _, row := range []func(error) (explanation, bool){
		when(explainUsers),
		when(explainSecondFactor),
		when(doing.explainRateLimit),
		when(doing.explainTimeout),
		when(explainTooOld),
		when(doing.explainNotRocketChat),
		when(doing.explainGateway),
		when(explainRedirect),
		when(doing.explainIncomplete),
		when(doing.explainMalformed),
		when(explainTransport),
		explainNotFound,
		when(doing.explainResponse),
		doing.explainEnded,
	} {
		if e, ok := row(err); ok {
			return e
		}
	}
	summary := "The workspace could not be read"
	if doing == endingSessions {
		summary = "The sessions could not be ended"
	}
	return explained(summary,
		sentence(sanitize.Line(err.Error())),
		"The provider has no further information. If the failure persists, please report it with a log at TF_LOG=DEBUG.")
}

// when makes a row of the table that holds for errors of the type E.
func when[E error](explain func(E) explanation) func(error) (explanation, bool) {
	return func(err error) (explanation, bool) {
		typed, ok := errors.AsType[E](err)
		if !ok {
			return explanation{}, false
		}
		return explain(typed), true
	}
}

// explainRateLimit also explains the limit of a gateway, which Rocket.Chat's permissions and
// settings do not lift.
func (t task) explainRateLimit(e *rocketchat.RateLimitError) explanation {
	summary, its, limit := "The rate limit", "the rate limit", limitOfCalls(e.Limit)
	help := "Any of these helps: a longer time in `timeouts`; " + bypassLimit +
		t.only(readingList,
			"larger pages, by a higher \"Max Record Amount\" (API_Upper_Count_Limit, "+menuSettings+" → General → REST API); "+
				"`search`, which makes the workspace send fewer sessions; ") +
		"or " + raiseLimit + "."
	if e.Gateway {
		summary, its, limit = "The rate limit of a gateway", "a rate limit", fromGateway
		help = "Any of these helps: a longer time in `timeouts`, a smaller `max_concurrent_requests` of the provider, or a higher limit " +
			"in the gateway."
	}
	if e.Attempts > 0 {
		if !e.Gateway {
			limit += " Another client at the same address uses the calls."
		}
		return explained(summary+" refused every attempt",
			fmt.Sprintf("%s was refused %s by %s (HTTP status 429).", e.Request, times(e.Attempts), its), limit, help).at(timeoutArgument)
	}
	late := explained(summary+" does not let the "+t.noun+" finish in time",
		fmt.Sprintf("%s has to wait %s for %s, and the timeout leaves %s.", e.Request, seconds(e.Wait), its, seconds(e.Left)), limit, help)
	late.argument = timeoutArgument //mutate:timeout-path
	return late
}

func (t task) explainTimeout(e *rocketchat.TimeoutError) explanation {
	const showsWaits = "TF_LOG_PROVIDER=INFO shows how long the provider waited for the rate limit."
	what := e.Request + " had no response before the timeout."
	help := "Increase `timeouts`. "
	if t.pages {
		what = fmt.Sprintf("%s: %d of %d sessions were read before the timeout.", e.Request, e.Rows, e.Total)
		help = "Increase `timeouts`, or read less with `search`, or with `limit` in the default order. "
	}
	return explained("The timeout ended the "+t.noun, what, help+showsWaits).at(timeoutArgument)
}

func explainTooOld(e *rocketchat.TooOldError) explanation {
	return explained("The workspace is too old",
		fmt.Sprintf("%s does not exist in Rocket.Chat %s.", e.Request, e.Version),
		"Sessions can be listed since release 5.0. Update the workspace.")
}

func (t task) explainIncomplete(e *rocketchat.IncompleteError) explanation {
	summary := "The list of " + t.rows + " could not be read completely"
	said := fmt.Sprintf("%s: %s. %d %s were read, and the workspace reported %d.", e.Request, e.Why, e.Rows, t.rows, e.Total)
	if e.Rows == 0 && e.Total == 0 {
		return explained(summary, said, "Every workspace has some, and a rule about an empty list can pass by mistake.",
			"The cause is the workspace's database, or a gateway that changes responses. Ask an administrator of the workspace.")
	}
	return explained(summary, said,
		"The list changes during the read. The provider returns the whole list or nothing, because a rule that sees only a part can "+
			"pass by mistake.",
		"Try again. If this happens often, larger pages help (API_Upper_Count_Limit, "+menuSettings+
			" → General → REST API → Max Record Amount)"+
			t.only(readingList, ", or a narrower `search`")+
			t.only(readingUsers, ", and so does the setting API_Allow_Infinite_Count in the same place, which returns all users at once")+".")
}

func (t task) explainMalformed(e *rocketchat.MalformedError) explanation {
	return explained("The response is truncated or malformed",
		fmt.Sprintf("%s returned HTTP status %d, but the response is truncated or not in the API's format: %s",
			e.Request, e.Status, sentence(e.Err.Error())),
		attempts(e.Attempts),
		"The usual cause is a gateway that truncates responses. "+
			t.only(readingList, "Smaller pages help (API_Upper_Count_Limit, "+menuSettings+" → General → REST API → Max Record Amount). ")+
			"If the format has changed, please report it with the workspace's release.")
}

func (t task) explainResponse(e *rocketchat.ResponseError) explanation {
	said := fmt.Sprintf("%s returned HTTP status %d%s.", e.Request, e.Status, quoted(e.Message))
	switch {
	case errors.Is(e, rocketchat.ErrNotLoggedIn):
		return explained("Rocket.Chat does not accept the user ID and token", said,
			"The token is wrong, was deleted or has expired, or the user ID belongs to another user. The user ID is not the username.",
			"Create a personal access token ("+menuTokens+"), which shows both, and set the provider's `user_id` (environment variable "+
				"ROCKETCHAT_USER_ID) and `auth_token` (ROCKETCHAT_AUTH_TOKEN).")
	case errors.Is(e, rocketchat.ErrNoPermission):
		return explainPermission(e, said)
	case errors.Is(e, rocketchat.ErrNoLicense): //mutate:license
		return explained("The workspace has no license for device management", said,
			"Sessions are part of the premium feature \"device management\". The workspace's license does not include it or has expired.",
			"An administrator can find the plan under Manage (in older releases Administration) → Workspace → Subscription.")
	case errors.Is(e, rocketchat.ErrInvalidParameters):
		return explained("Rocket.Chat refused the parameters of the request", said,
			"The workspace checks parameters more strictly than the releases that the provider knows, or a gateway adds one.",
			t.only(readingList, "Remove `search` if it is set. ")+
				"If the error persists, please report it with the workspace's release.").at(searchArgument)
	case !e.Until.IsZero():
		return unavailable(said, e.Until)
	case e.Status >= http.StatusInternalServerError: //mutate:server-fault
		return explained("The workspace returned a server error", said, attempts(e.Attempts),
			"The response is Rocket.Chat's own. The cause is the workspace or its database; see the log of the workspace. "+
				"If the error is temporary, increase the provider's `max_retries`.")
	default:
		return explained("Rocket.Chat refused the request", said, attempts(e.Attempts),
			"The text above comes from the server. If it is a database error, see the log of the workspace.")
	}
}

// unavailable explains a response that asks for a long wait.
func unavailable(said string, until time.Time) explanation {
	return explained("The workspace is temporarily unavailable", said,
		"The response asks not to call again before "+until.UTC().Format(time.RFC3339)+", so the provider does not wait for it. "+
			"Maintenance of the workspace, or of the gateway in front of it, may have been announced.",
		"Try again after that time, or ask an administrator of the workspace.")
}

// explainNotFound also applies if the server returned another session than
// the requested one.
func explainNotFound(err error) (explanation, bool) {
	return explained("There is no such session",
		sentence(err.Error()),
		"The session has probably ended since its ID was read: by a logout, by a new login with the same token, or because it expired. "+
			"IDs are case-sensitive.",
		"Read the list again with the data source `rocketchat_workspace_sessions`.",
	).at(sessionArgument), errors.Is(err, rocketchat.ErrNotFound)
}

// explainPermission also knows the setting by which the list of users needs a
// second permission.
func explainPermission(e *rocketchat.ResponseError, said string) explanation {
	const summary, outside = "The account lacks a permission", "view-outside-room"
	var lacks string
	switch {
	case e.Permission == "":
		return explained(summary, said,
			"The provider does not know which permission this request requires. Ask an administrator to check the account's roles "+
				"under "+menuPermissions+".")
	case e.Setting == "":
		return explained(summary, said,
			"The account that the token belongs to lacks the permission `"+e.Permission+"`.", //mutate:permission
			"Ask an administrator to grant it to one of the account's roles under "+menuPermissions+": search for "+e.Permission+
				" and select the role. A dedicated role needs no other permission for this.")
	case e.Permission == outside:
		lacks = "The workspace's setting `" + e.Setting + "` is on, and the account that the token belongs to lacks the " +
			"permission `" + outside + "`."
	default:
		lacks = "The account that the token belongs to lacks the permission `" + e.Permission + "`; or it lacks `" + outside +
			"`, and the workspace's setting `" + e.Setting + "` is on. The workspace gives the same response in both cases."
	}
	return explained(summary, said, lacks,
		"Ask an administrator to grant the permission to one of the account's roles under "+menuPermissions+", or to turn off the "+
			"setting under "+menuSettings+" → General → REST API.")
}

// explainEnded is for a context that ended without another explanation.
func (t task) explainEnded(err error) (explanation, bool) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return explained("The timeout ended the "+t.noun,
			"The timeout passed before the workspace responded to every request. Increase `timeouts`.").at(timeoutArgument), true
	case errors.Is(err, context.Canceled): //mutate:canceled
		detail := "Terraform asked the provider to stop, as it does after Ctrl-C."
		if t != endingSessions {
			detail += " Reading has changed nothing in the workspace."
		}
		return explained("The "+t.noun+" was canceled", detail), true
	default:
		return explanation{}, false
	}
}

// paragraphs leaves out what is empty.
func paragraphs(parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "\n\n")
}

// quoted is a server's text, to end a sentence with.
func quoted(message string) string {
	if message == "" {
		return ""
	}
	return ": \"" + message + "\""
}

// sentence ends an error's text with one full stop.
func sentence(s string) string { return strings.TrimRight(s, ". ") + "." }

func attempts(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf("%d attempts failed in this way.", n)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func seconds(d time.Duration) string { return counted(int(d.Round(time.Second)/time.Second), "second") }
