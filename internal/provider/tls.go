// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
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

// tlsConfig is nil if neither the configuration nor the environment sets anything. Validation has
// seen the values of the configuration.
func tlsConfig(configured *tlsModel, env func(string) string, diags *diag.Diagnostics) *tls.Config {
	model := *cmp.Or(configured, &tlsModel{})
	var authorities []*x509.Certificate
	var err error
	if text := model.CACertificatePEM; text.IsNull() {
		authorities = caSetting.resolve(text, env, diags)
	} else if authorities, err = parseCertificates(text.ValueString()); err != nil {
		diags.AddError("Unusable CA certificate", attribute(caSetting.attribute).sentence(err))
	}
	if model == (tlsModel{}) && authorities == nil {
		return nil
	}
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         model.ServerName.ValueString(),
		InsecureSkipVerify: model.InsecureSkipVerify.ValueBool(), //nolint:gosec // asked for, and warned about
	}
	if authorities != nil {
		config.RootCAs, err = x509.SystemCertPool()
		if err != nil {
			// A machine without certificates of its own has only the configured ones.
			config.RootCAs = x509.NewCertPool()
		}
		for _, certificate := range authorities {
			config.RootCAs.AddCert(certificate)
		}
	}
	if !model.ClientCertificatePEM.IsNull() {
		pair, err := model.clientCertificate()
		if err != nil {
			diags.AddError("Unusable client certificate", fmt.Sprintf(
				"`tls.client_certificate_pem` and `tls.client_key_pem` cannot be used as a pair: %s.", err))
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config
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

// readCertificates reads an environment variable, which has certificates or the path of a
// file with them.
func readCertificates(text string) ([]*x509.Certificate, error) {
	file := ""
	if !strings.Contains(text, beginPEM) && !strings.HasPrefix(text, beginPEMInBase64) {
		content, err := os.ReadFile(text) //nolint:gosec // whoever runs the provider names it
		if pathError, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathError.Err // does not quote what may not be a path
		}
		if err != nil {
			return nil, fmt.Errorf("is neither a certificate in PEM format (-----BEGIN CERTIFICATE-----) nor the path of a file "+
				"that can be read: %w", err)
		}
		text, file = string(content), "names a file that "
	}
	certificates, err := parseCertificates(text)
	if err != nil {
		return nil, fmt.Errorf("%s%w", file, err)
	}
	return certificates, nil
}

// parseCertificates reads every certificate of a PEM bundle. It refuses blocks that
// x509.CertPool.AppendCertsFromPEM would silently skip.
func parseCertificates(text string) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	block, rest := pem.Decode([]byte(text))
	for ; block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("contains a block of the type %s, but only certificates are allowed", block.Type)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("contains a malformed certificate (number %d): %w", len(certificates)+1, err)
		}
		certificates = append(certificates, certificate)
	}
	if len(certificates) == 0 || strings.Contains(string(rest), beginPEM) {
		return nil, noPEM(string(rest), "certificate", "-----BEGIN CERTIFICATE-----")
	}
	return certificates, nil
}

// How PEM begins, and how it does in base64.
const (
	beginPEM         = "-----BEGIN "
	beginPEMInBase64 = "LS0tLS1CRUdJTi"
)

// noPEM is what is wrong with a text in which encoding/pem finds no block.
func noPEM(text, noun, begin string) problem {
	text = strings.TrimSpace(text)
	switch {
	case strings.Contains(text, beginPEM) && strings.Contains(text, `\n`):
		return problem{
			`has \n, as two characters, where PEM has line breaks`, `write replace(…, "\\n", "\n")`,
			"set it to the path of a file instead, or to a text with line breaks",
		}
	case strings.Contains(text, beginPEM) && !strings.Contains(text, "\n"):
		return problem{
			"has lost its line breaks: PEM needs them", `read it with file("…"), or write it as a heredoc`,
			`set it to the path of a file instead, or quote the variable where a shell expands it: "$CA"`,
		}
	case strings.Contains(text, beginPEM):
		const remedy = "copy it again, from -----BEGIN to -----END"
		return problem{"contains a block of PEM that is cut off or damaged", remedy, remedy}
	case strings.HasPrefix(text, beginPEMInBase64):
		return problem{"is PEM that is once more encoded in base64", "write base64decode(…)", "decode it first: `base64 -d`"}
	default:
		return problem{
			"contains no " + noun + " in PEM format (" + begin + ")", `if it is the name of a file, write file("…")`,
			"certificates in DER format need `openssl x509 -inform der`",
		}
	}
}

// parseKey looks for a block of a private key that needs no passphrase.
func parseKey(text string) (*pem.Block, error) {
	block, rest := pem.Decode([]byte(text))
	for ; block != nil; block, rest = pem.Decode(rest) {
		switch {
		case strings.Contains(block.Type, "ENCRYPTED") || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return nil, errors.New("contains a private key with a passphrase, which the provider cannot ask for")
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return block, nil
		}
	}
	return nil, noPEM(string(rest), "private key", "-----BEGIN PRIVATE KEY-----")
}

// pemCheck validates a text by parsing it.
func pemCheck[T any](noun string, parse func(string) (T, error)) textCheck {
	return textCheck{rule("value must be " + noun + " in PEM format"), func(text types.String, where path.Path) (diags diag.Diagnostics) {
		if _, err := parse(text.ValueString()); err != nil {
			diags.AddAttributeError(where, "Unusable "+noun, attribute(where.String()).sentence(err))
		}
		return diags
	}}
}
