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

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/foreign"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// Where things are in Rocket.Chat's own menus.
const (
	menuTokens      = "avatar → Profile → Personal Access Tokens" //nolint:gosec // G101: a menu, not a credential
	menuTwoFactor   = "avatar → Profile → Security → Two Factor Authentication"
	menuPermissions = "Manage (in older releases Administration) → Workspace → Permissions"
	menuSettings    = "Manage (in older releases Administration) → Workspace → Settings"
)

// blame is the argument that a failure is due to, under whatever name a kind
// has it.
type blame int

const (
	nobody blame = iota
	blameTimeout
	blameSearch
	blameSession
	blameUsers
)

// blamePaths are the paths of those arguments in one kind's schema. The
// provider's own attributes have no path there, so texts name them.
type blamePaths map[blame]path.Path

// task is what failed. Not every remedy fits every one.
type task int

const (
	// readingList reads a list page by page, which can be narrowed.
	readingList task = iota
	readingOne
	endingSessions
	// readingUsers reads the users and roles of the workspace.
	readingUsers
)

// noun names the task in a summary.
func (t task) noun() string {
	if t == endingSessions {
		return "logout"
	}
	return "read"
}

// rows names what the task reads several of.
func (t task) rows() string {
	if t == readingUsers {
		return "users"
	}
	return "sessions"
}

// routes are those that the task needs.
func (t task) routes() string {
	if t == readingUsers {
		return "/api/v1/users.listByStatus, before release 6.8 /api/v1/users.list, and /api/v1/roles.list"
	}
	return "everything below /api/v1/sessions/"
}

// only is text where the task is the one that it is about.
func (t task) only(about task, text string) string {
	if t == about {
		return text
	}
	return ""
}

// explanation is what a user is told of a failure.
type explanation struct {
	summary string
	detail  string
	blame   blame
}

// addError tells the user what happened, why, and what to do next.
func addError(diags *diag.Diagnostics, err error, doing task, paths blamePaths) {
	explain(err, doing).addTo(diags, paths)
}

// addTo is the one way of a failure into a diagnostic. It cleans the texts of
// others once more, whoever made the error.
func (e explanation) addTo(diags *diag.Diagnostics, paths blamePaths) {
	if where, ok := paths[e.blame]; ok {
		diags.AddAttributeError(where, e.summary, foreign.Lines(e.detail))
		return
	}
	diags.AddError(e.summary, foreign.Lines(e.detail))
}

// explain is the table from the client's errors to what is said of them.
func explain(err error, doing task) explanation {
	for _, row := range []func(error) (explanation, bool){
		when(explainSecondFactor),
		when(doing.explainRateLimit),
		when(doing.explainTimeout),
		when(explainTooOld),
		when(doing.explainNotRocketChat),
		when(explainRedirect),
		when(doing.explainIncomplete),
		when(doing.explainUnreadable),
		when(explainTransport),
		explainNotFound,
		when(explainResponse),
		doing.explainEnded,
	} {
		if e, ok := row(err); ok {
			return e
		}
	}
	return explanation{
		summary: doing.failed(),
		detail:  paragraphs(sentence(foreign.Line(err.Error())), "The provider knows no more about this failure. If it stays, please report it with the log of TF_LOG=DEBUG."),
	}
}

func (t task) failed() string {
	if t == endingSessions {
		return "The sessions could not be ended"
	}
	return "The workspace could not be read"
}

// when makes a row of the table that holds for errors of the type E.
func when[E error](explain func(E) explanation) func(error) (explanation, bool) {
	return func(err error) (explanation, bool) {
		var typed E
		if !errors.As(err, &typed) {
			return explanation{}, false
		}
		return explain(typed), true
	}
}

func explainResponse(e *rocketchat.ResponseError) explanation {
	said := fmt.Sprintf("%s was answered with HTTP status %d%s.", e.Request, e.Status, quoted(e.Message))
	switch {
	case errors.Is(e, rocketchat.ErrNotLoggedIn):
		return explanation{
			summary: "Rocket.Chat does not accept the user id and token",
			detail: paragraphs(said,
				"The token is wrong, was deleted or has expired, or the user id belongs to somebody else. The user id is not the user name.",
				"Make a personal access token ("+menuTokens+"), which shows both, and set the provider's `user_id` (environment variable ROCKETCHAT_USER_ID) "+
					"and `auth_token` (ROCKETCHAT_AUTH_TOKEN)."),
		}
	case errors.Is(e, rocketchat.ErrNoPermission):
		return explainPermission(e, said)
	case errors.Is(e, rocketchat.ErrNoLicence): //mutate:licence
		return explanation{
			summary: "The workspace has no licence for device management",
			detail: paragraphs(said,
				"Sessions are part of the premium feature \"device management\", which the workspace's licence does not include, or the licence has expired.",
				"An administrator sees the plan under Manage (in older releases Administration) → Workspace → Subscription."),
		}
	case errors.Is(e, rocketchat.ErrInvalidParameters):
		return explanation{
			summary: "Rocket.Chat refused the parameters of the request",
			detail: paragraphs(said,
				"The workspace checks parameters more strictly than the releases that the provider knows, or a gateway has added one.",
				"Leave `search` out if it is set; if that does not help, please report it with the workspace's release."),
			blame: blameSearch,
		}
	case e.Status >= http.StatusInternalServerError: //mutate:server-fault
		return explanation{
			summary: "The workspace failed to answer",
			detail: paragraphs(said, attempts(e.Attempts),
				"The fault is on the side of the workspace, its database or the gateway in front of it; their logs tell more. "+
					"Where it passes by itself, raise the provider's `max_retries`."),
		}
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden || e.Status == http.StatusProxyAuthRequired:
		return explanation{
			summary: "Access was refused before Rocket.Chat",
			detail: paragraphs(said,
				"Rocket.Chat itself says this in other words, so it comes from a gateway or proxy in front of it.",
				"If the gateway wants a header, set it in the provider's `headers`; if it wants a client certificate, set `tls.client_certificate_pem` and `tls.client_key_pem`."),
		}
	default:
		return explanation{
			summary: "Rocket.Chat refused the request",
			detail: paragraphs(said, attempts(e.Attempts),
				"The text above is the server's own. A text of the database comes from a fault of the workspace; its log tells more."),
		}
	}
}

// explainNotFound also holds where the server answered with another session
// than the one that was asked for.
func explainNotFound(err error) (explanation, bool) {
	return explanation{
		summary: "There is no such session",
		detail: paragraphs(sentence(err.Error()),
			"The session has probably ended since its id was read: a logout, a new login with the same token, or its expiry ends it. Upper and lower case count in an id.",
			"Read the list again with the data source `rocketchat_workspace_sessions`."),
		blame: blameSession,
	}, errors.Is(err, rocketchat.ErrNotFound)
}

func explainPermission(e *rocketchat.ResponseError, said string) explanation {
	const summary = "The account lacks a permission"
	if e.Permission == "" {
		return explanation{summary: summary, detail: paragraphs(said,
			"The provider knows of no permission that this request needs. An administrator compares the account's roles under "+menuPermissions+".")}
	}
	if e.Setting != "" {
		return explainSetting(e, said, summary)
	}
	return explanation{
		summary: summary,
		detail: paragraphs(said,
			"The account that the token belongs to lacks the permission `"+e.Permission+"`.", //mutate:permission
			"An administrator grants it to one of the account's roles under "+menuPermissions+": search for "+e.Permission+" and tick the role. "+
				"A role of its own for this purpose needs nothing else."),
	}
}

// explainSetting is for the list of users, for which a setting may ask more.
func explainSetting(e *rocketchat.ResponseError, said, summary string) explanation {
	const outside = "view-outside-room"
	lacks := "The workspace's setting `" + e.Setting + "` is on, and the account that the token belongs to lacks the permission `" + outside + "`."
	if e.Permission != outside {
		lacks = "The account that the token belongs to lacks the permission `" + e.Permission + "`; or it lacks `" + outside +
			"`, and the workspace's setting `" + e.Setting + "` is on. The workspace says the same of both."
	}
	return explanation{
		summary: summary,
		detail: paragraphs(said, lacks,
			"An administrator grants the permission to one of the account's roles under "+menuPermissions+", or switches the setting off under "+
				menuSettings+" → General → REST API."),
	}
}

func (t task) explainRateLimit(e *rocketchat.RateLimitError) explanation {
	help := "Any of these helps: a longer time in `timeouts`; the permission `api-bypass-rate-limit` for one of the account's roles (" + menuPermissions + "); " +
		t.only(readingList, "larger pages, by a higher \"Max Record Amount\" (API_Upper_Count_Limit, "+menuSettings+" → General → REST API); "+
			"`search`, which makes the workspace send fewer sessions; ") +
		"or a higher limit (" + menuSettings + " → Rate Limiter)."
	limit := "The workspace limits the calls of each client address."
	if e.Limit > 0 {
		limit = fmt.Sprintf("The workspace allows each client address %d calls in a window.", e.Limit)
	}
	if e.Attempts > 0 {
		return explanation{
			summary: "The rate limit refused every attempt",
			detail: paragraphs(fmt.Sprintf("%s was refused %s by the rate limit (HTTP status 429).", e.Request, times(e.Attempts)),
				limit+" Something else at the same address is using them up, or a gateway in front of the workspace has a limit of its own.", help),
			blame: blameTimeout,
		}
	}
	return explanation{
		summary: "The rate limit does not let the " + t.noun() + " finish in time",
		detail:  paragraphs(fmt.Sprintf("%s has to wait %s for the rate limit, and the timeout leaves %s.", e.Request, seconds(e.Wait), seconds(e.Left)), limit, help),
		blame:   blameTimeout, //mutate:timeout-path
	}
}

func (t task) explainTimeout(e *rocketchat.TimeoutError) explanation {
	const showsWaits = "TF_LOG=INFO shows how long the provider waited for the rate limit."
	detail := paragraphs(fmt.Sprintf("%s: %d of %d sessions were read when the time was up.", e.Request, e.Rows, e.Total),
		"Raise `timeouts`, or read less with `search`, or with `limit` in the default order. "+showsWaits)
	if t != readingList {
		detail = paragraphs(e.Request+" had no answer yet when the time was up.", "Raise `timeouts`. "+showsWaits)
	}
	return explanation{summary: "The timeout ended the " + t.noun(), detail: detail, blame: blameTimeout}
}

func explainTooOld(e *rocketchat.TooOldError) explanation {
	return explanation{
		summary: "The workspace is too old",
		detail: paragraphs(fmt.Sprintf("%s does not exist in Rocket.Chat %s.", e.Request, e.Version),
			"Sessions can be listed since release 5.0. Update the workspace."),
	}
}

func (t task) explainNotRocketChat(e *rocketchat.NotRocketChatError) explanation {
	said := fmt.Sprintf("%s was answered with HTTP status %d and the content type %q, which is not an answer of the Rocket.Chat API.", e.Request, e.Status, e.ContentType)
	if e.Version != "" {
		return explanation{
			summary: "The workspace does not answer on this route",
			detail: paragraphs(said,
				fmt.Sprintf("The address is right, because Rocket.Chat %s answers on /api/info. A gateway in front of it probably lets only some routes through.", e.Version),
				"Let the gateway pass "+t.routes()+" to Rocket.Chat."),
		}
	}
	return explanation{
		summary: "There is no Rocket.Chat API at this address",
		detail: paragraphs(said,
			"The provider's `url` (environment variable ROCKETCHAT_URL) must be the root of the workspace: what the browser shows before the first path of Rocket.Chat, "+
				"without /api/v1, /home or /channel/…, but with the sub-path if the workspace is served below one. A gateway's login page is answered like this, too; see `headers`."),
	}
}

func explainRedirect(e *rocketchat.RedirectError) explanation {
	switch {
	case e.From == e.To && e.Credentials:
		return explanation{
			summary: "The workspace redirects to an address with a user name",
			detail: paragraphs(fmt.Sprintf("%s redirects to itself, with a user name or a password in the address. The provider does not follow, because it would log in with them.", e.From),
				"Rocket.Chat does not do so; have the gateway in front of it changed, or give it what it wants by `headers`."),
		}
	case e.From == e.To:
		return explanation{
			summary: "The workspace redirects without end",
			detail: paragraphs(fmt.Sprintf("%s redirects to itself: again and again, or a request that changes something, which cannot be followed.", e.From),
				"Check the provider's `url` (environment variable ROCKETCHAT_URL), and how the gateway in front of the workspace redirects."),
		}
	}
	return explanation{
		summary: "The workspace redirects to another address",
		detail: paragraphs(fmt.Sprintf("%s redirects to %s. The provider does not follow, because the token and the second factor would go there.", e.From, e.To),
			"If the new address is the workspace's, set the provider's `url` (environment variable ROCKETCHAT_URL) to it; "+
				"from http:// to https:// that is nearly always right. If it is a login page, see `headers`."),
	}
}

func (t task) explainIncomplete(e *rocketchat.IncompleteError) explanation {
	return explanation{
		summary: "The list of " + t.rows() + " could not be read completely",
		detail: paragraphs(fmt.Sprintf("%s: %s. %d %s were read, and the workspace reported %d.", e.Request, e.Why, e.Rows, t.rows(), e.Total),
			"The list changes while it is read, and the provider returns all of it or nothing, because a rule that sees only a part would pass when it should not.",
			"Try again. If that happens often, larger pages help (API_Upper_Count_Limit, "+menuSettings+" → General → REST API → Max Record Amount)"+
				t.only(readingList, ", or a narrower `search`")+t.only(readingUsers, ", and so does the setting API_Allow_Infinite_Count in the same place, which lets all users come at once")+"."),
	}
}

func (t task) explainUnreadable(e *rocketchat.UnreadableError) explanation {
	return explanation{
		summary: "The answer of the workspace cannot be read",
		detail: paragraphs(fmt.Sprintf("%s was answered with HTTP status %d, but the answer broke off or has another form than the API's: %s", e.Request, e.Status, sentence(e.Err.Error())),
			attempts(e.Attempts),
			"A gateway that cuts answers off is the usual cause. "+
				t.only(readingList, "Smaller pages help there (API_Upper_Count_Limit, "+menuSettings+" → General → REST API → Max Record Amount). ")+
				"If the form has changed, please report it with the workspace's release."),
	}
}

// explainEnded is for the end of a context that nothing else has explained.
func (t task) explainEnded(err error) (explanation, bool) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return explanation{
			summary: "The timeout ended the " + t.noun(),
			detail:  "The time was up before the workspace had answered everything. Raise `timeouts`.",
			blame:   blameTimeout,
		}, true
	case errors.Is(err, context.Canceled): //mutate:cancelled
		detail := "Terraform asked the provider to stop, as it does after Ctrl-C."
		if t != endingSessions {
			detail += " Reading has changed nothing in the workspace."
		}
		return explanation{
			summary: "The " + t.noun() + " was cancelled",
			detail:  detail,
		}, true
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
	return fmt.Sprintf("%d attempts ended so.", n)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func seconds(d time.Duration) string {
	if n := int(d.Round(time.Second) / time.Second); n != 1 {
		return fmt.Sprintf("%d seconds", n)
	}
	return "1 second"
}
