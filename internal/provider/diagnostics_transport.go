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
	"syscall"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

const proxyHint = "Proxies are taken from HTTPS_PROXY, HTTP_PROXY and NO_PROXY."

// explainTransport tells why no answer came.
func explainTransport(e *rocketchat.TransportError) explanation {
	failed := fmt.Sprintf("%s brought no answer: %s", e.Request, sentence(e.Err.Error()))
	if e.Timeout > 0 {
		return explanation{
			summary: "The workspace did not answer in time",
			detail: paragraphs(fmt.Sprintf("%s brought no answer within %s.", e.Request, seconds(e.Timeout)), attempts(e.Attempts),
				"Check that `url` (environment variable ROCKETCHAT_URL) is reachable from this machine; a firewall that drops packets looks like this. "+proxyHint,
				"Where the workspace is only slow, raise the provider's `request_timeout`."),
		}
	}
	if certificate, ok := explainCertificate(e.Err, failed); ok {
		return certificate
	}
	var lookup *net.DNSError
	var operation *net.OpError
	var record tls.RecordHeaderError
	switch {
	case errors.As(e.Err, &operation) && operation.Op == "proxyconnect": //mutate:proxy
		return explanation{
			summary: "The proxy cannot be reached",
			detail:  paragraphs(failed, attempts(e.Attempts), proxyHint+" Check them, or add the workspace's host to NO_PROXY."),
		}
	case errors.As(e.Err, &lookup):
		return explanation{
			summary: "The workspace's host name cannot be resolved",
			detail: paragraphs(failed, attempts(e.Attempts),
				"Check the spelling of the provider's `url` (environment variable ROCKETCHAT_URL), and whether the name needs a VPN or the company's own DNS."),
		}
	case errors.Is(e.Err, syscall.ECONNREFUSED):
		return explanation{
			summary: "The connection was refused",
			detail: paragraphs(failed, attempts(e.Attempts),
				"Nothing listens at that host and port. Check the provider's `url` (environment variable ROCKETCHAT_URL), its port above all, and that Rocket.Chat is running. "+proxyHint),
		}
	case errors.As(e.Err, &record), errors.Is(e.Err, http.ErrSchemeMismatch):
		return explanation{
			summary: "The address begins with https, but the server speaks plain http",
			detail: paragraphs(failed,
				"Set the provider's `url` (environment variable ROCKETCHAT_URL) to the port that serves TLS. http:// is only safe on this machine itself."),
		}
	case operation != nil && operation.Op == "remote error":
		// A TLS alert; its type is not exported.
		return explanation{
			summary: "The server refused the TLS connection",
			detail: paragraphs(failed,
				"A server that wants a client certificate says so in this way: set the provider's `tls.client_certificate_pem` and `tls.client_key_pem`. Otherwise it and the provider have no TLS version (1.2 or later) in common."),
		}
	default:
		return explanation{
			summary: "The connection to the workspace failed",
			detail: paragraphs(failed, attempts(e.Attempts),
				"Check the network between this machine and the provider's `url` (environment variable ROCKETCHAT_URL). "+proxyHint+" Where connections break now and then, raise `max_retries`."),
		}
	}
}

// skipVerification names an attribute that Terraform drops without a word where
// it is misspelt.
const skipVerification = "`tls.insecure_skip_verify` makes the provider accept any certificate, which gives the token to whoever is in between: for a test workspace at most."

// explainCertificate tells what is wrong with the workspace's certificate.
func explainCertificate(err error, failed string) (explanation, bool) {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	switch {
	case errors.As(err, &authority): //mutate:unknown-authority
		return explanation{
			summary: "The workspace's certificate comes from an unknown authority",
			detail: paragraphs(failed,
				"Set the provider's `tls.ca_certificate_pem` to the certificate of the authority that signed it, such as file(\"company-ca.pem\"). "+
					"A server that leaves out an intermediate certificate looks the same; then its own configuration has to be put right.",
				skipVerification),
		}, true
	case errors.As(err, &host):
		return explanation{
			summary: "The workspace's certificate is for another host",
			detail: paragraphs(failed,
				"Use the host name of the certificate in the provider's `url` (environment variable ROCKETCHAT_URL), or have a certificate made that names this host.",
				skipVerification),
		}, true
	case errors.As(err, &invalid):
		return explanation{
			summary: "The workspace's certificate is not valid",
			detail: paragraphs(failed,
				"Where it has expired, it has to be renewed; check this machine's clock, too. An authority of your own goes into `tls.ca_certificate_pem`.",
				skipVerification),
		}, true
	case errors.As(err, &verification):
		return explanation{
			summary: "The workspace's certificate cannot be verified",
			detail:  paragraphs(failed, "An authority of your own goes into the provider's `tls.ca_certificate_pem`.", skipVerification),
		}, true
	default:
		return explanation{}, false
	}
}
