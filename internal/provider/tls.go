// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// tlsModel is the attribute tls.
type tlsModel struct {
	CACertificatePEM     types.String `tfsdk:"ca_certificate_pem"`
	ClientCertificatePEM types.String `tfsdk:"client_certificate_pem"`
	ClientKeyPEM         types.String `tfsdk:"client_key_pem"`
	ServerName           types.String `tfsdk:"server_name"`
	InsecureSkipVerify   types.Bool   `tfsdk:"insecure_skip_verify"`
}

func tlsPath(attribute string) path.Path { return path.Root("tls").AtName(attribute) }

func tlsExpression(attribute string) path.Expression { return path.MatchRoot("tls").AtName(attribute) }

// validate checks combinations of attributes.
func (m tlsModel) validate() diag.Diagnostics {
	var diags diag.Diagnostics
	if m.InsecureSkipVerify.ValueBool() {
		diags.AddAttributeWarning(tlsPath("insecure_skip_verify"), "The workspace's certificate is not verified",
			"Anybody between this machine and the workspace can pretend to be the workspace and read the token, "+
				"the second factor and every session. For your own CA, set `tls.ca_certificate_pem` to its certificate instead.")
	}
	if known(m.ClientCertificatePEM) && known(m.ClientKeyPEM) {
		if _, err := m.clientCertificate(); err != nil {
			diags.AddAttributeError(tlsPath("client_key_pem"), "Client certificate and key do not work together",
				fmt.Sprintf("`tls.client_certificate_pem` and `tls.client_key_pem` cannot be used as a pair: %s.", err))
		}
	}
	return diags
}

// tlsConfig is nil if neither the configuration nor the environment sets anything.
func tlsConfig(configured *tlsModel, env func(string) string) (*tls.Config, diag.Diagnostics) {
	var model tlsModel
	if configured != nil {
		model = *configured
	}
	if model.CACertificatePEM.IsNull() {
		from := variable(environment()["tls.ca_certificate_pem"])
		if text := strings.TrimSpace(env(from.name)); text != "" {
			certificates, err := bare(readCertificates)(text)
			if err != nil {
				return nil, diag.Diagnostics{
					diag.NewAttributeErrorDiagnostic(tlsPath("ca_certificate_pem"), "Unusable CA certificate", from.sentence(err)),
				}
			}
			model.CACertificatePEM = types.StringValue(certificates)
		}
	}
	if model == (tlsModel{}) {
		return nil, nil
	}
	config, err := model.config()
	if err != nil {
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("tls"), "Unusable TLS settings", "`"+err.Error()+"`")}
	}
	return config, nil
}

// config requires a model that is valid and known.
func (m tlsModel) config() (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         m.ServerName.ValueString(),
		InsecureSkipVerify: m.InsecureSkipVerify.ValueBool(), //nolint:gosec // asked for, and warned about
	}
	if !m.CACertificatePEM.IsNull() {
		pool, err := x509.SystemCertPool()
		if err != nil {
			// A machine without certificates of its own has only the configured ones.
			pool = x509.NewCertPool()
		}
		certificates, err := parseCertificates(m.CACertificatePEM.ValueString())
		if err != nil {
			return nil, fmt.Errorf("tls.ca_certificate_pem %w", err)
		}
		for _, certificate := range certificates {
			pool.AddCert(certificate)
		}
		config.RootCAs = pool
	}
	if !m.ClientCertificatePEM.IsNull() {
		pair, err := m.clientCertificate()
		if err != nil {
			return nil, fmt.Errorf("tls.client_key_pem: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func (m tlsModel) clientCertificate() (tls.Certificate, error) {
	pair, err := tls.X509KeyPair([]byte(m.ClientCertificatePEM.ValueString()), []byte(m.ClientKeyPEM.ValueString()))
	if err != nil {
		return tls.Certificate{}, errors.New(strings.TrimPrefix(err.Error(), "tls: "))
	}
	return pair, nil
}

// serverName refuses what is an address rather than a name.
func serverName() textCheck {
	return textCheck{rule("value must be the name of a host"), func(text types.String, where path.Path) diag.Diagnostics {
		if name := text.ValueString(); name == "" || strings.ContainsAny(name, ":/@[] \t\r\n") {
			return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(where, "Unusable server name", fmt.Sprintf(
				"`%s` is %q; write the name in the certificate alone, such as \"chat.example.com\", without https:// and port.", where, name))}
		}
		return nil
	}}
}
