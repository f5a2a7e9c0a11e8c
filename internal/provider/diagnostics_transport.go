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

const proxyHint = "The provider takes proxies from HTTPS_PROXY, HTTP_PROXY and NO_PROXY."

// explainTransport tells why no answer came.
func explainTransport(e *rocketchat.TransportError) explanation {
	failed := fmt.Sprintf("%s got no answer: %s", e.Request, sentence(e.Err.Error()))
	if e.Timeout > 0 {
		return explanation{
			summary: "The workspace did not answer in time",
			detail: paragraphs(
				fmt.Sprintf("%s got no answer within %s.", e.Request, seconds(e.Timeout)),
				attempts(e.Attempts),
				"Check that `url` (environment variable ROCKETCHAT_URL) is reachable from this machine; a firewall that drops packets has this "+
					"effect. "+proxyHint,
				"If the workspace is only slow, increase the provider's `request_timeout`.",
			),
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
			detail: paragraphs(
				failed,
				attempts(e.Attempts),
				"Check the spelling of the provider's `url` (environment variable ROCKETCHAT_URL), and whether the name requires a VPN or an "+
					"internal DNS server.",
			),
		}
	case errors.Is(e.Err, syscall.ECONNREFUSED):
		return explanation{
			summary: "The connection was refused",
			detail: paragraphs(
				failed,
				attempts(e.Attempts),
				"Nothing listens at that host and port. Check the provider's `url` (environment variable ROCKETCHAT_URL), especially its port, "+
					"and that Rocket.Chat is running. "+proxyHint,
			),
		}
	case errors.As(e.Err, &record), errors.Is(e.Err, http.ErrSchemeMismatch):
		return explanation{
			summary: "The address begins with https, but the server speaks plain http",
			detail: paragraphs(failed,
				"Set the provider's `url` (environment variable ROCKETCHAT_URL) to the port that serves TLS. http:// is safe only on this machine."),
		}
	case operation != nil && operation.Op == "remote error":
		// A TLS alert; its type is not exported.
		return explanation{
			summary: "The server refused the TLS connection",
			detail: paragraphs(
				failed,
				"If the server requires a client certificate, set the provider's `tls.client_certificate_pem` and `tls.client_key_pem`. "+
					"Otherwise, the server does not support TLS 1.2 or later.",
			),
		}
	default:
		return explanation{
			summary: "The connection to the workspace failed",
			detail: paragraphs(
				failed,
				attempts(e.Attempts),
				"Check the network between this machine and the provider's `url` (environment variable "+
					"ROCKETCHAT_URL). "+proxyHint+" If connections fail occasionally, increase `max_retries`.",
			),
		}
	}
}

// skipVerification names an attribute that Terraform drops without a word where
// it is misspelt.
const skipVerification = "`tls.insecure_skip_verify` makes the provider accept any certificate, which exposes the token to anybody " +
	"on the network path. Use it only for a test workspace."

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
					"If the server omits an intermediate certificate, the error is the same: then correct the server's configuration.",
				skipVerification),
		}, true
	case errors.As(err, &host):
		return explanation{
			summary: "The workspace's certificate is for another host",
			detail: paragraphs(
				failed,
				"Use the host name of the certificate in the provider's `url` (environment variable ROCKETCHAT_URL), or issue a certificate "+
					"for this host.",
				skipVerification,
			),
		}, true
	case errors.As(err, &invalid):
		return explanation{
			summary: "The workspace's certificate is not valid",
			detail: paragraphs(failed,
				"If it has expired, renew it. Also check this machine's clock. Put your own authority into `tls.ca_certificate_pem`.",
				skipVerification),
		}, true
	case errors.As(err, &verification):
		return explanation{
			summary: "The workspace's certificate cannot be verified",
			detail:  paragraphs(failed, "Put your own authority into the provider's `tls.ca_certificate_pem`.", skipVerification),
		}, true
	default:
		return explanation{}, false
	}
}
