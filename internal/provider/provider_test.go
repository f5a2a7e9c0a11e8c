// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const planted = "Planted-Secret" // must not be quoted

// Mistakes that "terraform validate" finds, without network and environment.
func TestProvider_mistakes(t *testing.T) {
	t.Parallel()
	certificate, key := clitest.NewCertificate(t, "one")
	_, otherKey := clitest.NewCertificate(t, "two")
	wantMistakes(t, newServer(t).validateProvider, map[string]mistake{
		"nothing":                 {nil, []string{}, nil},
		"complete":                {minimal(nil), []string{}, nil},
		"url empty":               {minimal(attributes{"url": ""}), []string{"error at url: Unusable workspace address"}, []string{"`url` is empty", "null"}},
		"url blank":               {minimal(attributes{"url": " \n"}), []string{"error at url: Unusable workspace address"}, []string{"`url` is empty"}},
		"url userinfo":            {minimal(attributes{"url": "https://me:" + planted + "@chat.example.com"}), []string{"error at url: Unusable workspace address"}, []string{"user name or password"}},
		"url query":               {minimal(attributes{"url": "https://chat.example.com?token=" + planted}), []string{"error at url: Unusable workspace address"}, []string{"must not contain a query"}},
		"url fragment":            {minimal(attributes{"url": "https://chat.example.com#" + planted}), []string{"error at url: Unusable workspace address"}, []string{"fragment"}},
		"url scheme":              {minimal(attributes{"url": "chat.example.com"}), []string{"error at url: Unusable workspace address"}, []string{"https://"}},
		"url address":             {minimal(attributes{"url": "127.0.0.1:3000"}), []string{"error at url: Unusable workspace address"}, []string{"must begin with https:// or http://"}},
		"url brackets":            {minimal(attributes{"url": "http://2001:db8::1:3000"}), []string{"error at url: Unusable workspace address"}, []string{"brackets", "https://[2001:db8::1]:3000"}},
		"url BOM":                 {minimal(attributes{"url": "\ufeffhttps://chat.example.com"}), []string{"error at url: Unusable workspace address"}, []string{"byte order mark", `trimprefix(file("…"), "\ufeff")`}},
		"url quoted":              {minimal(attributes{"url": `"https://chat.example.com"`}), []string{"error at url: Unusable workspace address"}, []string{"quotation mark"}},
		"token quoted":            {minimal(attributes{"auth_token": `'` + planted + `'`}), []string{"error at auth_token: Unusable authentication token"}, []string{"quotation mark"}},
		"token BOM":               {minimal(attributes{"auth_token": "\ufeff" + planted}), []string{"error at auth_token: Unusable authentication token"}, []string{"byte order mark"}},
		"method case":             {minimal(attributes{"two_factor": attributes{"method": "TOTP"}}), []string{}, nil},
		"secret is a code":        {minimal(attributes{"two_factor": attributes{"totp_secret": "234 567"}}), []string{"error at two_factor.totp_secret: Unusable TOTP secret"}, []string{"looks like a one-time code", "`two_factor.code` (environment variable ROCKETCHAT_TWO_FACTOR_CODE)"}},
		"secret of eight digits":  {minimal(attributes{"two_factor": attributes{"totp_secret": "otpauth://totp/a?digits=8&secret=" + planted}}), []string{"error at two_factor.totp_secret: Unusable TOTP secret"}, []string{"otpauth URI whose digits are not 6"}},
		"secret of a counter":     {minimal(attributes{"two_factor": attributes{"totp_secret": "otpauth://hotp/a?counter=1&secret=" + planted}}), []string{"error at two_factor.totp_secret: Unusable TOTP secret"}, []string{"another type than totp"}},
		"secret is a backup code": {minimal(attributes{"two_factor": attributes{"totp_secret": "Abcd2345"}}), []string{"error at two_factor.totp_secret: Unusable TOTP secret"}, []string{"backup code"}},
		"code is a secret":        {minimal(attributes{"two_factor": attributes{"code": "gezd gnbv gy3t qojq"}}), []string{"error at two_factor.code: Unusable one-time code"}, []string{"looks like a TOTP secret", "`two_factor.totp_secret` (environment variable ROCKETCHAT_TOTP_SECRET)"}},
		"code is a URI":           {minimal(attributes{"two_factor": attributes{"code": "otpauth://totp/a?secret=GEZDGNBV"}}), []string{"error at two_factor.code: Unusable one-time code"}, []string{"looks like a TOTP secret"}},
		"code tabbed":             {minimal(attributes{"two_factor": attributes{"code": "123\t456\u00a0"}}), []string{}, nil},
		"password quoted":         {minimal(attributes{"two_factor": attributes{"password": `"x"`}}), []string{}, nil},
		"password of quotes":      {minimal(attributes{"two_factor": attributes{"password": `""`}}), []string{"error at two_factor.password: Unusable account password"}, []string{"quotation mark"}},
		"password BOM":            {minimal(attributes{"two_factor": attributes{"password": "\ufeff" + planted}}), []string{"error at two_factor.password: Unusable account password"}, []string{"byte order mark"}},
		"url http":                {minimal(attributes{"url": "http://chat.example.com"}), []string{"warning at url: The token is sent unencrypted"}, []string{"chat.example.com", "https://"}},
		"url http IPv6":           {minimal(attributes{"url": "http://[2001:db8::1]:3000"}), []string{"warning at url: The token is sent unencrypted"}, nil},
		"url http local":          {minimal(attributes{"url": "http://localhost:3000"}), []string{}, nil},
		"url http IPv6 lo":        {minimal(attributes{"url": "http://[::1]:3000"}), []string{}, nil},
		"url unknown":             {minimal(attributes{"url": unknown{}}), []string{}, nil},
		"user_id empty":           {minimal(attributes{"user_id": ""}), []string{"error at user_id: Unusable user ID"}, []string{"`user_id` is empty"}},
		"user_id lines":           {minimal(attributes{"user_id": planted + "\nx"}), []string{"error at user_id: Unusable user ID"}, []string{"single line"}},
		"token blank":             {minimal(attributes{"auth_token": " "}), []string{"error at auth_token: Unusable authentication token"}, []string{"`auth_token` is empty"}},
		"token trimmed":           {minimal(attributes{"auth_token": " token\n"}), []string{}, nil},
		"token lines":             {minimal(attributes{"auth_token": planted + "\r\nX-Evil: 1"}), []string{"error at auth_token: Unusable authentication token"}, []string{"single line"}},
		"token control":           {minimal(attributes{"auth_token": planted + "\x00"}), []string{"error at auth_token: Unusable authentication token"}, []string{"control characters"}},
		"token not ASCII":         {minimal(attributes{"auth_token": planted + "–x"}), []string{"error at auth_token: Unusable authentication token"}, []string{"ASCII"}},
		"token spaces":            {minimal(attributes{"auth_token": planted + " x"}), []string{"error at auth_token: Unusable authentication token"}, []string{"white space"}},
		"method":                  {minimal(attributes{"two_factor": attributes{"method": "sms"}}), []string{"error at two_factor.method: Unusable second-factor method"}, []string{"`totp`, `email` and `password`"}},
		"method alone":            {minimal(attributes{"two_factor": attributes{"method": "totp"}}), []string{}, nil},
		"secret":                  {minimal(attributes{"two_factor": attributes{"totp_secret": planted + "!"}}), []string{"error at two_factor.totp_secret: Unusable TOTP secret"}, []string{"base32"}},
		"secret spaced":           {minimal(attributes{"two_factor": attributes{"totp_secret": "gezd gnbv gy3t qojq"}}), []string{}, nil},
		"code lines":              {minimal(attributes{"two_factor": attributes{"code": planted + "\n1"}}), []string{"error at two_factor.code: Unusable one-time code"}, []string{"single line"}},
		"code spaced":             {minimal(attributes{"two_factor": attributes{"code": " 123 456 "}}), []string{}, nil},
		"password lines":          {minimal(attributes{"two_factor": attributes{"password": planted + "\n"}}), []string{"error at two_factor.password: Unusable account password"}, []string{"chomp(file("}},
		"password empty":          {minimal(attributes{"two_factor": attributes{"password": ""}}), []string{"error at two_factor.password: Unusable account password"}, []string{"is empty"}},
		"password unicode":        {minimal(attributes{"two_factor": attributes{"password": "pâss wörd"}}), []string{}, nil},
		"two_factor later":        {minimal(attributes{"two_factor": unknown{}}), []string{}, nil},

		"CA":                     {minimal(attributes{"tls": attributes{"ca_certificate_pem": certificate}}), []string{}, nil},
		"CA file name":           {minimal(attributes{"tls": attributes{"ca_certificate_pem": "ca.pem"}}), []string{"error at tls.ca_certificate_pem: Unusable CA certificate"}, []string{"`tls.ca_certificate_pem`", "file("}},
		"CA without line breaks": {minimal(attributes{"tls": attributes{"ca_certificate_pem": strings.ReplaceAll(certificate, "\n", " ")}}), []string{"error at tls.ca_certificate_pem: Unusable CA certificate"}, []string{"has lost its line breaks", "file("}},
		"CA with literal breaks": {minimal(attributes{"tls": attributes{"ca_certificate_pem": strings.ReplaceAll(certificate, "\n", `\n`)}}), []string{"error at tls.ca_certificate_pem: Unusable CA certificate"}, []string{`has \n, as two characters`, `replace(…, "\\n", "\n")`}},
		"CA cut off":             {minimal(attributes{"tls": attributes{"ca_certificate_pem": certificate + certificate[:200]}}), []string{"error at tls.ca_certificate_pem: Unusable CA certificate"}, []string{"cut off"}},
		"CA in base64":           {minimal(attributes{"tls": attributes{"ca_certificate_pem": base64.StdEncoding.EncodeToString([]byte(certificate))}}), []string{"error at tls.ca_certificate_pem: Unusable CA certificate"}, []string{"base64decode("}},
		"key without breaks":     {minimal(attributes{"tls": attributes{"client_certificate_pem": unknown{}, "client_key_pem": strings.ReplaceAll(key, "\n", "")}}), []string{"error at tls.client_key_pem: Unusable client key"}, []string{"has lost its line breaks"}},
		"server name":            {minimal(attributes{"tls": attributes{"server_name": "chat.example.com"}}), []string{}, nil},
		"server name is a URL":   {minimal(attributes{"tls": attributes{"server_name": "https://chat.example.com"}}), []string{"error at tls.server_name: Unusable server name"}, []string{`such as "chat.example.com"`}},
		"server name has a port": {minimal(attributes{"tls": attributes{"server_name": "chat.example.com:443"}}), []string{"error at tls.server_name: Unusable server name"}, nil},
		"CA is a key":            {minimal(attributes{"tls": attributes{"ca_certificate_pem": certificate + key}}), []string{"error at tls.ca_certificate_pem: Unusable CA certificate"}, []string{"PRIVATE KEY"}},
		"CA broken":              {minimal(attributes{"tls": attributes{"ca_certificate_pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}}), []string{"error at tls.ca_certificate_pem: Unusable CA certificate"}, []string{"number 1"}},
		"pair":                   {minimal(attributes{"tls": attributes{"client_certificate_pem": certificate, "client_key_pem": key}}), []string{}, nil},
		"pair mixed up":          {minimal(attributes{"tls": attributes{"client_certificate_pem": certificate, "client_key_pem": otherKey}}), []string{"error at tls.client_key_pem: Client certificate and key do not work together"}, []string{"does not match"}},
		"pair, key later":        {minimal(attributes{"tls": attributes{"client_certificate_pem": certificate, "client_key_pem": unknown{}}}), []string{}, nil},
		"no key":                 {minimal(attributes{"tls": attributes{"client_certificate_pem": certificate}}), []string{"error at tls.client_certificate_pem: Invalid Attribute Combination"}, []string{"\"tls.client_key_pem\" must be specified"}},
		"no certificate":         {minimal(attributes{"tls": attributes{"client_key_pem": key}}), []string{"error at tls.client_key_pem: Invalid Attribute Combination"}, []string{"\"tls.client_certificate_pem\" must be specified"}},
		"key file name":          {minimal(attributes{"tls": attributes{"client_certificate_pem": unknown{}, "client_key_pem": planted}}), []string{"error at tls.client_key_pem: Unusable client key"}, []string{"file("}},
		"key locked":             {minimal(attributes{"tls": attributes{"client_certificate_pem": unknown{}, "client_key_pem": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"}}), []string{"error at tls.client_key_pem: Unusable client key"}, []string{"passphrase"}},
		"insecure":               {minimal(attributes{"tls": attributes{"insecure_skip_verify": true}}), []string{"warning at tls.insecure_skip_verify: The workspace's certificate is not verified"}, []string{"`tls.ca_certificate_pem`"}},
		"not insecure":           {minimal(attributes{"tls": attributes{"insecure_skip_verify": false}}), []string{}, nil},

		"headers":         {minimal(attributes{"headers": attributes{"CF-Access-Client-Id": "x", "Authorization": "Basic x", "X-Later": unknown{}}}), []string{}, nil},
		"header own":      {minimal(attributes{"headers": attributes{"x-auth-TOKEN": planted}}), []string{"error at headers.x-auth-TOKEN: Header belongs to the provider"}, []string{"X-Auth-Token", "`auth_token`"}},
		"header own 2fa":  {minimal(attributes{"headers": attributes{"x-2fa-code": planted}}), []string{"error at headers.x-2fa-code: Header belongs to the provider"}, []string{"`two_factor`"}},
		"header own user": {minimal(attributes{"headers": attributes{"X-User-ID": planted}}), []string{"error at headers.X-User-ID: Header belongs to the provider"}, []string{"`user_id`"}},
		"header of HTTP":  {minimal(attributes{"headers": attributes{"accept-encoding": planted}}), []string{"error at headers.accept-encoding: Header belongs to the provider"}, []string{"Remove it"}},
		"header host":     {minimal(attributes{"headers": attributes{"Host": planted}}), []string{"error at headers.Host: Header belongs to the provider"}, []string{"`url`"}},
		"header name":     {minimal(attributes{"headers": attributes{"X Y:": planted}}), []string{"error at headers.X Y:: Unusable header name"}, nil},
		"header value":    {minimal(attributes{"headers": attributes{"X-A": planted + "\r\nX-B: 1"}}), []string{"error at headers.X-A: Unusable header value"}, []string{"line breaks"}},
		"header empty":    {minimal(attributes{"headers": attributes{"X-A": ""}}), []string{"error at headers.X-A: Unusable header value"}, []string{"is empty"}},
		"header null":     {minimal(attributes{"headers": attributes{"X-A": nil}}), []string{"error at headers.X-A: Unusable header value"}, []string{"is null"}},
		"header twice":    {minimal(attributes{"headers": attributes{"X-A": "1", "x-a": "2"}}), []string{"error at headers.x-a: Header set twice"}, nil},

		"timeout":             {minimal(attributes{"request_timeout": "1m30s"}), []string{}, nil},
		"timeout zero":        {minimal(attributes{"request_timeout": "0s"}), []string{"error at request_timeout: Unusable duration"}, []string{"`request_timeout`", "\"30s\""}},
		"timeout without":     {minimal(attributes{"request_timeout": "30"}), []string{"error at request_timeout: Unusable duration"}, []string{"units"}},
		"retries none":        {minimal(attributes{"max_retries": 0}), []string{}, nil},
		"retries negative":    {minimal(attributes{"max_retries": -1}), []string{"error at max_retries: Invalid Attribute Value"}, []string{"between 0 and 20"}},
		"retries many":        {minimal(attributes{"max_retries": 21}), []string{"error at max_retries: Invalid Attribute Value"}, nil},
		"concurrent":          {minimal(attributes{"max_concurrent_requests": 64}), []string{}, nil},
		"concurrent none":     {minimal(attributes{"max_concurrent_requests": 0}), []string{"error at max_concurrent_requests: Invalid Attribute Value"}, []string{"between 1 and 64"}},
		"concurrent too many": {minimal(attributes{"max_concurrent_requests": 65}), []string{"error at max_concurrent_requests: Invalid Attribute Value"}, nil},
	})
}

func TestProvider_configuration(t *testing.T) {
	t.Parallel()
	certificate, _ := clitest.NewCertificate(t, "one")
	inFile := func(content string) string {
		name := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	complete := map[string]string{"ROCKETCHAT_URL": "https://chat.example.com", "ROCKETCHAT_USER_ID": "synthUser", "ROCKETCHAT_AUTH_TOKEN": "synthetic-token"}
	with := func(name, value string) map[string]string {
		changed := map[string]string{name: value}
		for k, v := range complete {
			if k != name {
				changed[k] = v
			}
		}
		return changed
	}
	for name, c := range map[string]struct {
		env    map[string]string
		config attributes
		want   []string
		words  []string
	}{
		"configuration alone": {nil, minimal(nil), []string{}, nil},
		"environment alone":   {complete, nil, []string{}, nil},
		"nothing": {nil, nil, []string{
			"error at -: Missing authentication token",
			"error at -: Missing user ID",
			"error at -: Missing workspace address",
		}, []string{"`url`", "ROCKETCHAT_URL", "`user_id`", "ROCKETCHAT_USER_ID", "`auth_token`", "ROCKETCHAT_AUTH_TOKEN", "Personal Access Tokens"}},
		"variable empty":                           {with("ROCKETCHAT_AUTH_TOKEN", " \n"), nil, []string{"error at -: Missing authentication token"}, nil},
		"variable wrong":                           {with("ROCKETCHAT_AUTH_TOKEN", planted+"\nx"), nil, []string{"error at -: Unusable authentication token"}, []string{"The environment variable ROCKETCHAT_AUTH_TOKEN must be a single line"}},
		"configuration beats a wrong variable":     {with("ROCKETCHAT_URL", "ftp://"+planted), minimal(nil), []string{}, nil},
		"attribute empty beats a right variable":   {complete, attributes{"url": ""}, []string{"error at -: Unusable workspace address"}, nil},
		"address of the environment unencrypted":   {with("ROCKETCHAT_URL", "http://chat.example.com"), nil, []string{"warning at url: The token is sent unencrypted"}, nil},
		"address of the configuration unencrypted": {nil, minimal(attributes{"url": "http://chat.example.com"}), []string{}, nil},
		"address of the environment wrong":         {with("ROCKETCHAT_URL", "https://me:"+planted+"@chat.example.com"), nil, []string{"error at -: Unusable workspace address"}, []string{"The environment variable ROCKETCHAT_URL must not contain"}},

		"method without secret":       {nil, minimal(attributes{"two_factor": attributes{"method": "totp"}}), []string{"error at -: Second-factor method without its secret"}, []string{"ROCKETCHAT_TOTP_SECRET", "ROCKETCHAT_TWO_FACTOR_CODE"}},
		"method with secret":          {nil, minimal(attributes{"two_factor": attributes{"method": "totp", "totp_secret": rocketchattest.DefaultTOTPSecret}}), []string{}, nil},
		"method with code":            {nil, minimal(attributes{"two_factor": attributes{"method": "totp", "code": "123456"}}), []string{}, nil},
		"method, secret from outside": {map[string]string{"ROCKETCHAT_TOTP_SECRET": rocketchattest.DefaultTOTPSecret}, minimal(attributes{"two_factor": attributes{"method": "totp"}}), []string{}, nil},
		"method from outside":         {map[string]string{"ROCKETCHAT_TWO_FACTOR_METHOD": "password"}, minimal(nil), []string{"error at -: Second-factor method without its password"}, []string{"ROCKETCHAT_PASSWORD"}},
		"method and password outside": {map[string]string{"ROCKETCHAT_TWO_FACTOR_METHOD": "password", "ROCKETCHAT_PASSWORD": "x y"}, minimal(nil), []string{}, nil},
		"method e-mail":               {nil, minimal(attributes{"two_factor": attributes{"method": "email"}}), []string{}, nil},
		"method wrong outside":        {map[string]string{"ROCKETCHAT_TWO_FACTOR_METHOD": "sms"}, minimal(nil), []string{"error at -: Unusable second-factor method"}, []string{"ROCKETCHAT_TWO_FACTOR_METHOD must be one of"}},
		"secret wrong outside":        {map[string]string{"ROCKETCHAT_TOTP_SECRET": planted + "1"}, minimal(nil), []string{"error at -: Unusable TOTP secret"}, []string{"ROCKETCHAT_TOTP_SECRET is not base32"}},
		"code wrong outside":          {map[string]string{"ROCKETCHAT_TWO_FACTOR_CODE": planted + "ä"}, minimal(nil), []string{"error at -: Unusable one-time code"}, nil},

		"variable quoted":             {with("ROCKETCHAT_AUTH_TOKEN", `"`+planted+`"`), nil, []string{"error at -: Unusable authentication token"}, []string{"docker --env-file", "cmd.exe"}},
		"variable BOM":                {with("ROCKETCHAT_URL", "\ufeffhttps://chat.example.com"), nil, []string{"error at -: Unusable workspace address"}, []string{"byte order mark", "save the file"}},
		"password variable lines":     {with("ROCKETCHAT_PASSWORD", planted+"\n"), nil, []string{"error at -: Unusable account password"}, []string{"ROCKETCHAT_PASSWORD must not contain a line break", "$(cat …)"}},
		"method case outside":         {with("ROCKETCHAT_TWO_FACTOR_METHOD", "Email"), nil, []string{}, nil},
		"user in the address outside": {with("ROCKETCHAT_URL", "https://me@chat.example.com"), nil, []string{"error at -: Unusable workspace address"}, []string{"Authorization", "`headers`"}},

		"token is an ID": {nil, minimal(attributes{"auth_token": "aobEdbYhXfu5hkeqG"}), []string{"warning at -: The user ID and the token may be swapped"}, []string{"`auth_token` looks like a user ID.", "ROCKETCHAT_USER_ID"}},
		"ID is a token":  {nil, minimal(attributes{"user_id": strings.Repeat("aB3_-", 8) + "xyz"}), []string{"warning at -: The user ID and the token may be swapped"}, []string{"`user_id` looks like a token."}},
		"both":           {nil, minimal(attributes{"user_id": strings.Repeat("aB3_-", 8) + "xyz", "auth_token": "aobEdbYhXfu5hkeqG"}), []string{"warning at -: The user ID and the token may be swapped"}, []string{"they are probably swapped"}},

		"headers outside":               {with("ROCKETCHAT_HEADERS", ` {"CF-Access-Client-Id": "x", "X-B": "y"} `), nil, []string{}, nil},
		"headers outside, no JSON":      {with("ROCKETCHAT_HEADERS", "X-A: "+planted), nil, []string{"error at -: Unusable headers"}, []string{"ROCKETCHAT_HEADERS must be a JSON object"}},
		"headers outside, quoted":       {with("ROCKETCHAT_HEADERS", `'{"X-A": "`+planted+`"}'`), nil, []string{"error at -: Unusable headers"}, []string{"quotation mark"}},
		"headers outside, a number":     {with("ROCKETCHAT_HEADERS", `{"X-A": 1}`), nil, []string{"error at -: Unusable headers"}, []string{"values are texts"}},
		"headers outside, JSON null":    {with("ROCKETCHAT_HEADERS", `null`), nil, []string{"error at -: Unusable headers"}, nil},
		"headers outside, a null":       {with("ROCKETCHAT_HEADERS", `{"X-A": null}`), nil, []string{"error at -: Unusable header value"}, []string{"ROCKETCHAT_HEADERS: The value of X-A is null"}},
		"headers outside, our own":      {with("ROCKETCHAT_HEADERS", `{"x-auth-token": "`+planted+`"}`), nil, []string{"error at -: Header belongs to the provider"}, []string{"ROCKETCHAT_HEADERS", "`auth_token`"}},
		"headers outside, two lines":    {with("ROCKETCHAT_HEADERS", `{"X-A": "`+planted+`\r\nX-B: 1"}`), nil, []string{"error at -: Unusable header value"}, []string{"line breaks"}},
		"headers beat a wrong variable": {with("ROCKETCHAT_HEADERS", planted), attributes{"headers": attributes{"X-A": "1"}}, []string{}, nil},

		"CA outside":                 {with("ROCKETCHAT_CA_CERTIFICATE", certificate), nil, []string{}, nil},
		"CA outside, a file":         {with("ROCKETCHAT_CA_CERTIFICATE", inFile(certificate)), nil, []string{}, nil},
		"CA outside, no file":        {with("ROCKETCHAT_CA_CERTIFICATE", "/nowhere/"+planted), nil, []string{"error at -: Unusable CA certificate"}, []string{"ROCKETCHAT_CA_CERTIFICATE is neither a certificate in PEM format", "no such file"}},
		"CA outside, another file":   {with("ROCKETCHAT_CA_CERTIFICATE", inFile(planted)), nil, []string{"error at -: Unusable CA certificate"}, []string{"names a file that contains no certificate"}},
		"CA outside, literal breaks": {with("ROCKETCHAT_CA_CERTIFICATE", strings.ReplaceAll(certificate, "\n", `\n`)), nil, []string{"error at -: Unusable CA certificate"}, []string{"as two characters", "path of a file"}},
		"CA outside, spaces":         {with("ROCKETCHAT_CA_CERTIFICATE", strings.ReplaceAll(certificate, "\n", " ")), nil, []string{"error at -: Unusable CA certificate"}, []string{"has lost its line breaks", `"$CA"`}},
		"CA beats a wrong variable":  {with("ROCKETCHAT_CA_CERTIFICATE", planted), attributes{"tls": attributes{"ca_certificate_pem": certificate}}, []string{}, nil},

		"CA known late":       {complete, minimal(attributes{"tls": attributes{"ca_certificate_pem": "ca.pem"}}), []string{"error at -: Unusable CA certificate"}, []string{"`tls.ca_certificate_pem` contains no certificate"}},
		"key without its own": {complete, minimal(attributes{"tls": attributes{"client_certificate_pem": certificate, "client_key_pem": "client.pem"}}), []string{"error at -: Unusable client certificate"}, []string{"`tls.client_key_pem` cannot be used as a pair: failed to find any PEM data in key input"}},

		"url unknown": {complete, minimal(attributes{"url": unknown{}}), []string{"error at -: A provider setting is not known yet"}, []string{"`url`", "ROCKETCHAT_URL", "-target"}},
		"several unknown": {complete, minimal(attributes{"auth_token": unknown{}, "two_factor": attributes{"code": unknown{}}, "headers": attributes{"X-A": unknown{}}, "max_retries": unknown{}, "tls": unknown{}}), []string{
			"error at -: A provider setting is not known yet",
			"error at -: A provider setting is not known yet",
			"error at -: A provider setting is not known yet",
			"error at -: A provider setting is not known yet",
			"error at -: A provider setting is not known yet",
		}, []string{"`two_factor.code`", "ROCKETCHAT_TWO_FACTOR_CODE", "`headers.X-A`", "`tls`"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newServer(t, WithEnv(env(c.env))).configureAndRead(t, c.config)
			wantReport(t, c.want, got)
			mustContain(t, details(got), c.words...)
			mustNotContain(t, details(got), planted, "%!")
		})
	}
}

// What is configured reaches the workspace, and so does the environment alone.
func TestProvider_settingsArrive(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	account := w.Account("totp")
	s := newServer(t, WithClock(w.clock), WithEnv(env(map[string]string{
		"ROCKETCHAT_URL": "https://elsewhere.example.com", "ROCKETCHAT_HEADERS": `{"x-gateway": "Gate-Secret"}`,
		"TF_APPEND_USER_AGENT": "pipeline/7", "ROCKETCHAT_TOTP_SECRET": "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
	})))
	wantReport(t, nil, s.configure(t, attributes{
		"url": w.url + "/", "user_id": " " + account.UserID, "auth_token": account.Token + "\n",
		"request_timeout": "10s", "max_retries": 0, "max_concurrent_requests": 2,
	}))
	_, refused := s.readSessions(t.Context(), t, nil)
	wantReport(t, nil, refused)
	requests := w.Requests()
	if len(requests) == 0 || requests[0].Account != "totp" || requests[0].Status != 200 {
		t.Fatalf("got the requests %v, want one of the account totp", requests)
	}
	header := requests[0].Header
	if got := header.Get("X-Gateway"); got != "Gate-Secret" {
		t.Errorf("X-Gateway is %q", got)
	}
	if got, want := header.Get("User-Agent"), "terraform-provider-rocketchat/test (+https://registry.terraform.io/terraform-rocketchat/rocketchat) Terraform/1.11.4 pipeline/7"; got != want {
		t.Errorf("User-Agent is %q, want %q", got, want)
	}
	if got := header.Get("X-2fa-Method"); got != "totp" {
		t.Errorf("X-2fa-Method is %q", got)
	}

	account = w.Account("password")
	s = newServer(t, WithClock(w.clock), WithEnv(env(map[string]string{
		"ROCKETCHAT_URL": w.url, "ROCKETCHAT_USER_ID": account.UserID, "ROCKETCHAT_AUTH_TOKEN": account.Token,
		"ROCKETCHAT_TWO_FACTOR_METHOD": "password", "ROCKETCHAT_PASSWORD": account.Password,
	})))
	wantReport(t, nil, s.configure(t, nil))
	_, got := s.readSessions(t.Context(), t, nil)
	wantReport(t, nil, got)
}

// An e-mail's code comes from a mailbox: the first run fails and says where the code went, and the second
// one has it in the environment. A third one finds it used, unless the release remembers the account.
func TestProvider_emailCode(t *testing.T) {
	t.Parallel()
	for _, release := range rocketchattest.Releases() {
		w := newWorkspace(t, rocketchattest.Options{Release: release})
		var code string
		read := func() []*tfprotov6.Diagnostic {
			variables := env(map[string]string{"ROCKETCHAT_TWO_FACTOR_CODE": code})
			_, got := configured(t, w, "email", nil, WithEnv(variables)).readSessions(t.Context(), t, nil)
			return got
		}
		mustContain(t, details(read()), "A new code was mailed to")
		code = w.Mails()[0].Code
		wantReport(t, nil, read())
		if again := details(read()); release.RemembersSecondFactor() {
			mustNotContain(t, again, "code")
		} else {
			mustContain(t, again, "was already used. Each code works once")
		}
	}
}

// A runner without a provider block reaches a workspace behind a company's CA, and a tunnel leads to
// a host of another name.
func TestProvider_authorityOfTheEnvironmentAndServerName(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	certificate, key := clitest.NewCertificate(t, "chat", func(c *x509.Certificate) { c.DNSNames = []string{"chat.example.com"} })
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Value
	tunnel := w.overTLS(t, &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair},
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			asked.Store(hello.ServerName)
			return nil, nil
		},
	})
	a := w.Account("none")
	read := func(settings attributes) []*tfprotov6.Diagnostic {
		s := newServer(t, WithClock(w.clock), WithEnv(env(map[string]string{
			"ROCKETCHAT_URL": tunnel.URL, "ROCKETCHAT_USER_ID": a.UserID, "ROCKETCHAT_AUTH_TOKEN": a.Token, "ROCKETCHAT_CA_CERTIFICATE": certificate,
		})))
		diagnostics := s.configure(t, attributes{"max_retries": 0, "tls": settings})
		_, got := s.readSessions(t.Context(), t, attributes{"limit": 0})
		return append(diagnostics, got...)
	}
	got := read(nil)
	wantReport(t, []string{"error at -: The workspace's certificate is for another host"}, got)
	mustContain(t, details(got), "`tls.server_name`")
	wantReport(t, []string{}, read(attributes{"server_name": "chat.example.com"}))
	if name := asked.Load(); name != "chat.example.com" {
		t.Errorf("the TLS server name is %v", name)
	}
}

func TestProvider_userAgentWithoutTerraformVersion(t *testing.T) {
	t.Parallel()
	const base = "terraform-provider-rocketchat/1.2.3 (+https://" + Address + ")"
	for more, want := range map[string]string{"": base, " \n": base, " pipeline/7\r\n(team a)\x00 ": base + " pipeline/7 (team a)"} {
		if got := userAgent("1.2.3", "", more); got != want {
			t.Errorf("with %q: got %q, want %q", more, got, want)
		}
	}
}

// Every attribute says what it defaults to or what null means, and where its value can come from.
func TestSchema_everyAttributeIsDescribed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var walk func(prefix string, attributes []*tfprotov6.SchemaAttribute, each func(name string, a *tfprotov6.SchemaAttribute))
	walk = func(prefix string, attributes []*tfprotov6.SchemaAttribute, each func(string, *tfprotov6.SchemaAttribute)) {
		for _, a := range attributes {
			each(prefix+a.Name, a)
			if a.NestedType != nil {
				walk(prefix+a.Name+".", a.NestedType.Attributes, each)
			}
		}
	}
	described := func(name string, a *tfprotov6.SchemaAttribute) {
		if a.DescriptionKind != tfprotov6.StringKindMarkdown || a.Description == "" {
			t.Errorf("%s has no Markdown description", name)
		}
		if a.Optional && !strings.Contains(a.Description, "f null") && !strings.Contains(a.Description, "efaults to") {
			t.Errorf("%s does not say what it defaults to: %s", name, a.Description)
		}
		mustNotContain(t, a.Description, "%!", "\n")
	}
	variables := environment()
	sensitive := map[string]bool{
		"auth_token": true, "two_factor.totp_secret": true, "two_factor.code": true, "two_factor.password": true,
		"tls.client_key_pem": true, "headers": true,
	}
	walk("", s.schema.Provider.Block.Attributes, func(name string, a *tfprotov6.SchemaAttribute) {
		described(name, a)
		if variable := variables[name]; variable != "" {
			mustContain(t, a.Description, variable)
		}
		if !a.Optional {
			t.Errorf("%s is not optional: the environment alone would not be enough", name)
		}
		if a.Sensitive != sensitive[name] {
			t.Errorf("%s: sensitive is %t", name, a.Sensitive)
		}
	})
	block := func(name string, block *tfprotov6.SchemaBlock) {
		walk(name+".", block.Attributes, described)
		for _, nested := range block.BlockTypes {
			if nested.Block.DescriptionKind != tfprotov6.StringKindMarkdown || nested.Block.Description == "" {
				t.Errorf("%s.%s has no Markdown description", name, nested.TypeName)
			}
			walk(name+"."+nested.TypeName+".", nested.Block.Attributes, described)
		}
	}
	for _, schemas := range []map[string]*tfprotov6.Schema{s.schema.DataSourceSchemas, s.schema.ResourceSchemas, s.schema.EphemeralResourceSchemas} {
		for name, schema := range schemas {
			block(name, schema.Block)
		}
	}
	for name, schema := range s.schema.ActionSchemas {
		block(name, schema.Schema.Block)
	}
}
