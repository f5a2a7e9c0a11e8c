// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
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
		detail: paragraphs(
			sentence(foreign.Line(err.Error())),
			"The provider has no further information. If the failure persists, please report it with a log at TF_LOG=DEBUG.",
		),
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

func (t task) explainRateLimit(e *rocketchat.RateLimitError) explanation {
	help := "Any of these helps: a longer time in `timeouts`; the permission `api-bypass-rate-limit` for one of the account's " +
		"roles (" + menuPermissions + "); " +
		t.only(
			readingList,
			"larger pages, by a higher \"Max Record Amount\" (API_Upper_Count_Limit, "+menuSettings+" → General → REST API); "+
				"`search`, which makes the workspace send fewer sessions; ",
		) +
		"or a higher limit (" + menuSettings + " → Rate Limiter)."
	limit := "The workspace limits the calls of each client address."
	if e.Limit > 0 {
		limit = fmt.Sprintf("The workspace allows each client address %d calls in a window.", e.Limit)
	}
	if e.Attempts > 0 {
		return explanation{
			summary: "The rate limit refused every attempt",
			detail: paragraphs(fmt.Sprintf("%s was refused %s by the rate limit (HTTP status 429).", e.Request, times(e.Attempts)),
				limit+" Another client at the same address uses the calls, or a gateway in front of the workspace has its own limit.", help),
			blame: blameTimeout,
		}
	}
	return explanation{
		summary: "The rate limit does not let the " + t.noun() + " finish in time",
		detail: paragraphs(
			fmt.Sprintf("%s has to wait %s for the rate limit, and the timeout leaves %s.", e.Request, seconds(e.Wait), seconds(e.Left)),
			limit,
			help,
		),
		blame: blameTimeout, //mutate:timeout-path
	}
}

func (t task) explainTimeout(e *rocketchat.TimeoutError) explanation {
	const showsWaits = "TF_LOG=INFO shows how long the provider waited for the rate limit."
	detail := paragraphs(fmt.Sprintf("%s: %d of %d sessions were read before the timeout.", e.Request, e.Rows, e.Total),
		"Increase `timeouts`, or read less with `search`, or with `limit` in the default order. "+showsWaits)
	if t != readingList {
		detail = paragraphs(e.Request+" had no answer before the timeout.", "Increase `timeouts`. "+showsWaits)
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
	said := fmt.Sprintf(
		"%s was answered with HTTP status %d and the content type %q, which is not an answer of the Rocket.Chat API.",
		e.Request,
		e.Status,
		e.ContentType,
	)
	if e.Version != "" {
		return explanation{
			summary: "The workspace does not answer on this route",
			detail: paragraphs(
				said,
				fmt.Sprintf(
					"The address is correct, because Rocket.Chat %s answers on /api/info. A gateway in front of it probably allows only some routes.",
					e.Version,
				),
				"Configure the gateway to pass "+t.routes()+" to Rocket.Chat.",
			),
		}
	}
	return explanation{
		summary: "There is no Rocket.Chat API at this address",
		detail: paragraphs(said,
			"The provider's `url` (environment variable ROCKETCHAT_URL) must be the root of the workspace, as in the browser's address bar, "+
				"without /api/v1, /home or /channel/…, but with the sub-path if the workspace is served under one. The login page of a gateway "+
				"also looks like this; see `headers`."),
	}
}

func explainRedirect(e *rocketchat.RedirectError) explanation {
	switch {
	case e.From == e.To && e.Credentials:
		return explanation{
			summary: "The workspace redirects to an address with a user name",
			detail: paragraphs(
				fmt.Sprintf(
					"%s redirects to itself, with a user name or a password in the address. The provider does not follow the redirect, because it "+
						"would log in with them.",
					e.From,
				),
				"Rocket.Chat does not do this. Change the configuration of the gateway in front of it, or set the header that it requires in "+
					"`headers`.",
			),
		}
	case e.From == e.To:
		return explanation{
			summary: "The workspace redirects without end",
			detail: paragraphs(
				fmt.Sprintf("%s redirects to itself, repeatedly or for a request that changes something, which the provider does not follow.", e.From),
				"Check the provider's `url` (environment variable ROCKETCHAT_URL), and how the gateway in front of the workspace redirects.",
			),
		}
	}
	return explanation{
		summary: "The workspace redirects to another address",
		detail: paragraphs(
			fmt.Sprintf(
				"%s redirects to %s. The provider does not follow the redirect, because it would send the token and the second factor there.",
				e.From,
				e.To,
			),
			"If the new address is the workspace's, set the provider's `url` (environment variable ROCKETCHAT_URL) to it; "+
				"from http:// to https:// this is usually correct. If it is a login page, see `headers`.",
		),
	}
}

func (t task) explainIncomplete(e *rocketchat.IncompleteError) explanation {
	return explanation{
		summary: "The list of " + t.rows() + " could not be read completely",
		detail: paragraphs(
			fmt.Sprintf("%s: %s. %d %s were read, and the workspace reported %d.", e.Request, e.Why, e.Rows, t.rows(), e.Total),
			"The list changes during the read. The provider returns the whole list or nothing, because a rule that sees only a part can "+
				"pass by mistake.",
			"Try again. If this happens often, larger pages help (API_Upper_Count_Limit, "+menuSettings+" → General → REST API → Max Record Amount)"+
				t.only(readingList, ", or a narrower `search`")+
				t.only(readingUsers, ", and so does the setting API_Allow_Infinite_Count in the same place, which lets all users come at once")+".",
		),
	}
}

func (t task) explainUnreadable(e *rocketchat.UnreadableError) explanation {
	return explanation{
		summary: "The answer of the workspace cannot be read",
		detail: paragraphs(
			fmt.Sprintf(
				"%s was answered with HTTP status %d, but the answer is truncated or is not in the API's format: %s",
				e.Request,
				e.Status,
				sentence(e.Err.Error()),
			),
			attempts(e.Attempts),
			"The usual cause is a gateway that truncates answers. "+
				t.only(readingList, "Smaller pages help (API_Upper_Count_Limit, "+menuSettings+" → General → REST API → Max Record Amount). ")+
				"If the format has changed, please report it with the workspace's release.",
		),
	}
}

// explainEnded is for the end of a context that nothing else has explained.
func (t task) explainEnded(err error) (explanation, bool) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return explanation{
			summary: "The timeout ended the " + t.noun(),
			detail:  "The timeout passed before the workspace answered every request. Increase `timeouts`.",
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
	return fmt.Sprintf("%d attempts failed in this way.", n)
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
