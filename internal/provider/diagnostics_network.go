// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"

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
	}, e.Status), tooLarge.MatchString(e.Title), tooLarge.MatchString(e.Message):
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
	}
	const moved = "set the provider's `url` (environment variable ROCKETCHAT_URL) to it"
	remedy := paragraphs("If that is the login page of a gateway: "+setHeaders, "If the workspace has moved there, "+moved+".")
	if isUpgrade(e.From, e.To) {
		remedy = "This is the same host with https:// instead of http://: " + moved + "."
	}
	return explained("The workspace redirects to another address",
		e.From+" redirects to "+e.To+". The provider does not follow the redirect, because it would send the token and the second "+
			"factor there.", remedy)
}

// isUpgrade reports whether a redirect only leads from http to https.
func isUpgrade(from, to string) bool {
	a, errA := url.Parse(from)
	b, errB := url.Parse(to)
	return cmp.Or(errA, errB) == nil && a.Hostname() == b.Hostname() && a.Scheme == "http" && b.Scheme == "https"
}

const (
	proxyHint = "The provider takes proxies from HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
	// skipVerification names an attribute that Terraform silently drops if it is
	// misspelled.
	skipVerification = "`tls.insecure_skip_verify` makes the provider accept any certificate, which exposes the token to anybody " +
		"on the network path. Use it only for a test workspace."
)

// tlsAlert is how net/http shows that a server responds to plain HTTP with a TLS alert.
const tlsAlert = `malformed HTTP response "\x15\x03`

// explainTransport explains why there was no response.
func explainTransport(e *rocketchat.TransportError) explanation {
	failed := fmt.Sprintf("%s got no response: %s", e.Request, sentence(e.Err.Error()))
	operation, _ := errors.AsType[*net.OpError](e.Err)
	switch {
	case e.Timeout > 0:
		return explained("The workspace did not respond in time",
			fmt.Sprintf("%s got no response within %s.", e.Request, seconds(e.Timeout)), attempts(e.Attempts),
			"Check that `url` (environment variable ROCKETCHAT_URL) is reachable from this machine; a firewall that drops packets has this "+
				"effect. "+proxyHint,
			"If the workspace is only slow, increase the provider's `request_timeout`.")
	case has[x509.UnknownAuthorityError](e.Err): //mutate:unknown-authority
		return explained("The workspace's certificate is signed by an unknown CA", failed,
			"Set the provider's `tls.ca_certificate_pem` to the CA certificate that signed it, such as file(\"company-ca.pem\"), "+
				"or the environment variable ROCKETCHAT_CA_CERTIFICATE to the path of its file. "+
				"If the server omits an intermediate certificate, the error is the same: then correct the server's configuration.", skipVerification)
	case has[x509.HostnameError](e.Err):
		return explained("The workspace's certificate is for another host", failed,
			"Use the host name of the certificate in the provider's `url` (environment variable ROCKETCHAT_URL). If `url` must name another "+
				"host, such as the end of a tunnel, set `tls.server_name` to the name in the certificate.", skipVerification)
	case has[x509.CertificateInvalidError](e.Err):
		return explained("The workspace's certificate is not valid", failed,
			"If it has expired, renew it. Also check this machine's clock. For your own CA, set `tls.ca_certificate_pem` to its certificate.",
			skipVerification)
	case has[*tls.CertificateVerificationError](e.Err):
		return explained("The workspace's certificate cannot be verified", failed,
			"Set the provider's `tls.ca_certificate_pem` to your own CA certificate.", skipVerification)
	case operation != nil && operation.Op == "proxyconnect": //mutate:proxy
		return explained("The proxy cannot be reached", failed, attempts(e.Attempts),
			proxyHint+" Check them, or add the workspace's host to NO_PROXY.")
	case has[*rocketchat.ProxyError](e.Err):
		return explained("The proxy does not connect to the workspace", failed, attempts(e.Attempts),
			"With 403, ask the proxy's administrator to allow the workspace's host. With 407, the proxy requires credentials: "+
				"HTTPS_PROXY=http://user:password@proxy:port. "+proxyHint+" To connect without the proxy, add the workspace's host to NO_PROXY.")
	case has[*net.DNSError](e.Err):
		return explained("The workspace's host name cannot be resolved", failed, attempts(e.Attempts),
			"Check the spelling of the provider's `url` (environment variable ROCKETCHAT_URL), and whether the name requires a VPN or an "+
				"internal DNS server.")
	case errors.Is(e.Err, syscall.ECONNREFUSED):
		return explained("The connection was refused", failed, attempts(e.Attempts),
			"Nothing listens at that host and port. Check the provider's `url` (environment variable ROCKETCHAT_URL), especially its port, "+
				"and that Rocket.Chat is running. "+proxyHint)
	case has[tls.RecordHeaderError](e.Err), errors.Is(e.Err, http.ErrSchemeMismatch):
		return explained("The address begins with https, but the server speaks plain http", failed,
			"Set the provider's `url` (environment variable ROCKETCHAT_URL) to the port that serves TLS. http:// is safe only on this machine.")
	case strings.Contains(e.Err.Error(), tlsAlert):
		return explained(expectsTLS, failed, setHTTPS)
	case operation != nil && operation.Op == "remote error":
		// A TLS alert; its type is not exported.
		return explained("The server refused the TLS connection", failed,
			"If the server requires a client certificate, set the provider's `tls.client_certificate_pem` and `tls.client_key_pem`. "+
				"Otherwise, the server does not support TLS 1.2 or later.")
	default:
		return explained("The connection to the workspace failed", failed, attempts(e.Attempts),
			"Check the network between this machine and the provider's `url` (environment variable ROCKETCHAT_URL). "+proxyHint+
				" If connections fail occasionally, increase `max_retries`.")
	}
}

// has reports whether err wraps an E.
func has[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
