// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

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
				"If the server omits an intermediate certificate, the error is the same: then correct the server's configuration.",
			skipVerification)
	case has[x509.HostnameError](e.Err):
		return explained("The workspace's certificate is for another host", failed,
			"Use the host name of the certificate in the provider's `url` (environment variable ROCKETCHAT_URL). If `url` must name another "+
				"host, such as the end of a tunnel, set `tls.server_name` to the name in the certificate.",
			skipVerification)
	case has[x509.CertificateInvalidError](e.Err):
		return explained("The workspace's certificate is not valid", failed,
			"If it has expired, renew it. Also check this machine's clock. For your own CA, set `tls.ca_certificate_pem` to its certificate.",
			skipVerification)
	case has[*tls.CertificateVerificationError](e.Err):
		return explained("The workspace's certificate cannot be verified", failed,
			"Set the provider's `tls.ca_certificate_pem` to your own CA certificate.",
			skipVerification)
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
