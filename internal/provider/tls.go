// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
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

// validate checks what a single attribute cannot know.
func (m tlsModel) validate() diag.Diagnostics {
	var diags diag.Diagnostics
	if m.InsecureSkipVerify.ValueBool() {
		diags.AddAttributeWarning(tlsPath("insecure_skip_verify"), "The workspace's certificate is not verified",
			"Anybody between this machine and the workspace can pretend to be the workspace, and then reads the token, "+
				"the second factor and every session. For a certificate of your own authority set `tls.ca_certificate_pem` instead.")
	}
	switch {
	case m.ClientKeyPEM.IsNull() && !m.ClientCertificatePEM.IsNull():
		diags.AddAttributeError(tlsPath("client_certificate_pem"), "Client certificate without its key",
			"`tls.client_certificate_pem` needs `tls.client_key_pem`, the private key that belongs to it.")
	case m.ClientCertificatePEM.IsNull() && !m.ClientKeyPEM.IsNull():
		diags.AddAttributeError(tlsPath("client_key_pem"), "Client key without its certificate",
			"`tls.client_key_pem` needs `tls.client_certificate_pem`, the certificate that belongs to it.")
	case known(m.ClientCertificatePEM) && known(m.ClientKeyPEM):
		if _, err := m.clientCertificate(); err != nil {
			diags.AddAttributeError(tlsPath("client_key_pem"), "Client certificate and key do not work together",
				fmt.Sprintf("`tls.client_certificate_pem` and `tls.client_key_pem` cannot be used as a pair: %s.", err))
		}
	}
	return diags
}

// config is nil where nothing is configured. The model must be valid and known.
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

func known(s types.String) bool { return !s.IsNull() && !s.IsUnknown() }

// parseCertificates reads every certificate of a PEM bundle. It refuses what
// x509.CertPool.AppendCertsFromPEM would pass over in silence.
func parseCertificates(text string) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("holds a block of the type %s, where certificates are expected", block.Type)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("holds a certificate that cannot be read (number %d): %w", len(certificates)+1, err)
		}
		certificates = append(certificates, certificate)
	}
	if len(certificates) == 0 {
		return nil, errors.New("holds no certificate in PEM form (-----BEGIN CERTIFICATE-----); " +
			"where it is the name of a file, write file(\"…\")")
	}
	return certificates, nil
}

// checkKey looks for a block of a private key that needs no passphrase.
func checkKey(text string) error {
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return errors.New("holds no private key in PEM form (-----BEGIN PRIVATE KEY-----); " +
				"where it is the name of a file, write file(\"…\")")
		}
		switch {
		case strings.Contains(block.Type, "ENCRYPTED") || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return errors.New("holds a private key that is locked with a passphrase, which the provider cannot ask for")
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return nil
		}
	}
}

// pemText is the validator of an attribute that holds PEM.
type pemText struct {
	noun  string
	check func(string) error
}

var _ validator.String = pemText{}

// Description implements [validator.String].
func (v pemText) Description(context.Context) string {
	return "value must be " + v.noun + " in PEM form"
}

// MarkdownDescription implements [validator.String].
func (v pemText) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements [validator.String].
func (v pemText) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req.ConfigValue) {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable "+v.noun, fmt.Sprintf("`%s` %s.", req.Path, err))
	}
}

func certificatePEM(noun string) pemText {
	return pemText{noun: noun, check: func(s string) error { _, err := parseCertificates(s); return err }}
}

func keyPEM(noun string) pemText { return pemText{noun: noun, check: checkKey} }
