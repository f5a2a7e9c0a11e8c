// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
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

// readCertificates reads an environment variable, which has certificates or the path of a
// file with them.
func readCertificates(text string) (string, error) {
	file := ""
	if !strings.Contains(text, beginPEM) && !strings.HasPrefix(text, beginPEMInBase64) {
		content, err := os.ReadFile(text) //nolint:gosec // whoever runs the provider names it
		if pathError, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathError.Err // does not quote what may not be a path
		}
		if err != nil {
			return "", fmt.Errorf("is neither a certificate in PEM format (-----BEGIN CERTIFICATE-----) nor the path of a file "+
				"that can be read: %w", err)
		}
		text, file = string(content), "names a file that "
	}
	if _, err := parseCertificates(text); err != nil {
		return "", fmt.Errorf("%s%w", file, err)
	}
	return text, nil
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

// checkKey looks for a block of a private key that needs no passphrase.
func checkKey(text string) error {
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return noPEM(string(rest), "private key", "-----BEGIN PRIVATE KEY-----")
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
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(where, "Unusable "+noun, attribute(where.String()).sentence(err))}
	}}
}

func certificatePEM(noun string) textCheck {
	return pemCheck(noun, func(s string) error { _, err := parseCertificates(s); return err })
}

func keyPEM(noun string) textCheck { return pemCheck(noun, checkKey) }
