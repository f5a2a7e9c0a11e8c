// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// Whose a response is, and remedies.
const (
	fromGateway = "The response is not in Rocket.Chat's format, so it comes from a gateway or proxy in front of the workspace."
	setHeaders  = "If the gateway requires a login, set the header that it accepts instead in the provider's `headers`, such as a " +
		"service token."
	setCertificate = "If it requires a client certificate, set `tls.client_certificate_pem` and `tls.client_key_pem`."
	checkURL       = "The provider's `url` (environment variable ROCKETCHAT_URL) must be the root of the workspace, as in the browser's " +
		"address bar, without /api/v1, /home or /channel/…, but with the sub-path if the workspace is served under one."
	expectsTLS = "The address begins with http, but the server expects https"
	setHTTPS   = "Set the provider's `url` (environment variable ROCKETCHAT_URL) to the same address with https://. " +
		"The request carried the token unencrypted: if it left this machine, replace the token."
)

// titled is what a page says about itself, after a status.
func titled(page bool, title string) string {
	switch {
	case title != "":
		return fmt.Sprintf(" and a page with the title %q", title)
	case page:
		return " and a page without a title"
	default:
		return ""
	}
}

// tooLarge is how gateways name a header that is too long, with the status 400.
var tooLarge = regexp.MustCompile(`(?i)header.{0,20} too (?:large|big|long)`)

// explainGateway explains a refusal by its status, which is all that gateways have in
// common.
func (t task) explainGateway(e *rocketchat.GatewayError) explanation {
	said := fmt.Sprintf("%s returned HTTP status %d%s%s.", e.Request, e.Status, titled(e.Page, e.Title), quoted(e.Message))
	const admit = "Its log shows why. Let it pass requests to "
	switch {
	case !e.Until.IsZero():
		return unavailable(said, e.Until)
	case e.PlainHTTP:
		return explained(expectsTLS, said, setHTTPS)
	case e.Status < http.StatusBadRequest:
		return explained("The gateway redirects without a target", said,
			fromGateway+" A redirect usually leads to a login page.", setHeaders, checkURL)
	case e.Status == http.StatusProxyAuthRequired:
		return explained("The proxy requires a login", said,
			"Set HTTPS_PROXY (for an http:// address HTTP_PROXY) to http://USER:PASSWORD@HOST:PORT, or add the workspace's host to NO_PROXY.")
	case slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNetworkAuthenticationRequired}, e.Status):
		return explained("Access was refused before Rocket.Chat", said, fromGateway, setHeaders+" "+setCertificate,
			"It may also refuse this machine's address. "+admit+t.routes+".")
	case slices.Contains([]int{
		http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge,
	}, e.Status),
		tooLarge.MatchString(e.Title), tooLarge.MatchString(e.Message):
		return explained("The request is too large for the gateway", said, fromGateway,
			"Shorten the values of the provider's `headers`"+t.only(readingList, " and `search`")+", or increase the gateway's limit.")
	case e.Status == http.StatusMisdirectedRequest:
		return explained("The gateway does not serve this host name", said, fromGateway,
			"Set the provider's `url` (environment variable ROCKETCHAT_URL) to the host name that the gateway and its certificate have for "+
				"the workspace.")
	case slices.Contains([]int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, e.Status):
		return explained("The gateway cannot reach the workspace", said, attempts(e.Attempts), fromGateway,
			"Check that Rocket.Chat is running, and see the log of the gateway. If the error is temporary, increase the provider's "+
				"`max_retries`.")
	case e.Status >= http.StatusInternalServerError:
		return explained("The gateway returned a server error", said, attempts(e.Attempts), fromGateway,
			"See its log. If the error is temporary, increase the provider's `max_retries`.")
	default:
		return explained("The gateway refused the request", said, fromGateway,
			"A firewall for web applications also looks like this. "+admit+t.routes+".", setHeaders)
	}
}

// explainGatewayLimit is for a limit that Rocket.Chat's permissions and settings do not
// lift.
func (t task) explainGatewayLimit(e *rocketchat.RateLimitError) explanation {
	const help = "Any of these helps: a longer time in `timeouts`, a smaller `max_concurrent_requests` of the provider, or a higher limit " +
		"in the gateway."
	summary := "The rate limit of a gateway refused every attempt"
	said := fmt.Sprintf("%s was refused %s by a rate limit (HTTP status 429).", e.Request, times(e.Attempts))
	if e.Attempts == 0 {
		summary = "The rate limit of a gateway does not let the " + t.noun + " finish in time"
		said = fmt.Sprintf("%s has to wait %s for a rate limit, and the timeout leaves %s.", e.Request, seconds(e.Wait), seconds(e.Left))
	}
	return explained(summary, said, fromGateway, help).at(timeoutArgument)
}

func (t task) explainNotRocketChat(e *rocketchat.NotRocketChatError) explanation {
	said := fmt.Sprintf("%s returned HTTP status %d with the content type %q%s%s.",
		e.Request, e.Status, e.ContentType, titled(e.Page, e.Title), quoted(e.Message))
	switch {
	case e.Version != "":
		return explained("The workspace does not respond on this route", said,
			"The address is correct, because Rocket.Chat "+e.Version+" responds on /api/info. A gateway in front of it probably allows "+
				"only some routes.",
			"Configure the gateway to pass "+t.routes+" to Rocket.Chat, or set the header that it requires in `headers`.")
	case e.Page && !e.WebClient && e.Status < http.StatusMultipleChoices:
		return explained("A web page was returned instead of a Rocket.Chat response", said,
			"It is probably the login page of a gateway in front of the workspace. "+setHeaders, "Otherwise, the address is wrong. "+checkURL)
	default:
		return explained("There is no Rocket.Chat API at this address", said,
			checkURL+" A gateway that hides the API from unauthenticated clients also looks like this; see `headers`.")
	}
}

func explainRedirect(e *rocketchat.RedirectError) explanation {
	const moved = "set the provider's `url` (environment variable ROCKETCHAT_URL) to it"
	switch {
	case e.From == e.To && e.Credentials:
		return explained("The workspace redirects to an address with a user name",
			e.From+" redirects to itself, with a user name or a password in the address. The provider does not follow the redirect, "+
				"because it would log in with them.",
			"Rocket.Chat does not do this. Change the configuration of the gateway in front of it, or set the header that it requires in "+
				"`headers`.")
	case e.From == e.To:
		return explained("A gateway redirects in a loop",
			e.From+" redirects to itself, repeatedly or for a request that changes something, which the provider does not follow.",
			"A gateway in front of the workspace that requires a login has this effect. "+setHeaders,
			"Otherwise, check the provider's `url` (environment variable ROCKETCHAT_URL), and how the gateway redirects.")
	case isUpgrade(e.From, e.To):
		return explained("The workspace redirects to another address",
			e.From+" redirects to "+e.To+". The provider does not follow the redirect, because it would send the token and the second "+
				"factor there.",
			"This is the same host with https:// instead of http://: "+moved+".")
	default:
		return explained("The workspace redirects to another address",
			e.From+" redirects to "+e.To+". The provider does not follow the redirect, because it would send the token and the second "+
				"factor there.",
			"If that is the login page of a gateway: "+setHeaders,
			"If the workspace has moved there, "+moved+".")
	}
}

// isUpgrade reports whether a redirect only leads from http to https.
func isUpgrade(from, to string) bool {
	a, errA := url.Parse(from)
	b, errB := url.Parse(to)
	return cmp.Or(errA, errB) == nil && a.Hostname() == b.Hostname() && a.Scheme == "http" && b.Scheme == "https"
}
