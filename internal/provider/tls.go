// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
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
				"the second factor and every session. For a certificate of your own authority, set `tls.ca_certificate_pem` instead.")
	}
	if known(m.ClientCertificatePEM) && known(m.ClientKeyPEM) {
		if _, err := m.clientCertificate(); err != nil {
			diags.AddAttributeError(tlsPath("client_key_pem"), "Client certificate and key do not work together",
				fmt.Sprintf("`tls.client_certificate_pem` and `tls.client_key_pem` cannot be used as a pair: %s.", err))
		}
	}
	return diags
}

// config requires a model that is valid and known.
func (m tlsModel) config() (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
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

// parseCertificates reads every certificate of a PEM bundle. It refuses blocks that
// x509.CertPool.AppendCertsFromPEM would silently skip.
func parseCertificates(text string) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("contains a block of the type %s, but only certificates are allowed", block.Type)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("contains a certificate that cannot be read (number %d): %w", len(certificates)+1, err)
		}
		certificates = append(certificates, certificate)
	}
	if len(certificates) == 0 {
		return nil, errors.New("contains no certificate in PEM format (-----BEGIN CERTIFICATE-----); " +
			"if it is the name of a file, write file(\"…\")")
	}
	return certificates, nil
}

// checkKey looks for a block of a private key that needs no passphrase.
func checkKey(text string) error {
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return errors.New("contains no private key in PEM format (-----BEGIN PRIVATE KEY-----); " +
				"if it is the name of a file, write file(\"…\")")
		}
		switch {
		case strings.Contains(block.Type, "ENCRYPTED") || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return errors.New("contains a private key with a passphrase, which the provider cannot ask for")
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return nil
		}
	}
}

func pemCheck(noun string, check func(string) error) textCheck {
	return textCheck{rule("value must be " + noun + " in PEM format"), func(text types.String, where path.Path) diag.Diagnostics {
		err := check(text.ValueString())
		if err == nil {
			return nil
		}
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(where, "Unusable "+noun, fmt.Sprintf("`%s` %s.", where, err))}
	}}
}

func certificatePEM(noun string) textCheck {
	return pemCheck(noun, func(s string) error { _, err := parseCertificates(s); return err })
}

func keyPEM(noun string) textCheck { return pemCheck(noun, checkKey) }
