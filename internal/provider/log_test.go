// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

func TestLog_forwardsLevelsAndFields(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &out)
	log := slog.New(newLogHandler(nil)).With(slog.String("request", "GET /x"))
	log.Log(ctx, slog.LevelDebug-4, "trace")
	log.DebugContext(ctx, "debug", slog.Duration("wait", time.Minute))
	log.InfoContext(ctx, "info", slog.Any("error", errors.New("broken")))
	log.WarnContext(ctx, "warn", slog.Int("rows", 3), slog.Bool("last", true))
	log.WithGroup("rate").ErrorContext(ctx, "error", slog.Float64("share", 0.5))

	entries, err := tflogtest.MultilineJSONDecode(&out)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		for _, own := range []string{"@caller", "@module", "@timestamp"} {
			delete(entry, own)
		}
	}
	want := []map[string]any{
		{"@level": "trace", "@message": "trace", "request": "GET /x"},
		{"@level": "debug", "@message": "debug", "request": "GET /x", "wait": "1m0s"},
		{"@level": "info", "@message": "info", "request": "GET /x", "error": "broken"},
		{"@level": "warn", "@message": "warn", "request": "GET /x", "rows": 3.0, "last": true},
		{"@level": "error", "@message": "error", "request": "GET /x", "share": 0.5},
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// Without Terraform's log nothing is worth putting together.
func TestLog_isOffWithoutTerraform(t *testing.T) {
	t.Parallel()
	log := slog.New(newLogHandler(nil))
	for _, level := range []slog.Level{slog.LevelDebug - 4, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if log.Enabled(t.Context(), level) {
			t.Errorf("level %s is on", level)
		}
	}
}

func TestLog_masksEverySecret(t *testing.T) {
	t.Parallel()
	const uri = "otpauth://totp/Chat:me?secret=gezdgnbvgy3tqojq&issuer=Chat"
	for name, c := range map[string]struct {
		config rocketchat.Config
		leaks  []string
	}{
		"of each kind": {rocketchat.Config{
			AuthToken: "Token-Secret",
			TwoFactor: rocketchat.TwoFactor{TOTP: parseTOTP(t, "gezd gnbv-gy3t"), Code: "987654", Password: "Pass-Secret"},
			Headers:   map[string]string{"X-Gateway": "Gate-Secret", "X-Longer": "Gate-Secret-And-More", "X-Short": "on"},
		}, []string{
			"Token-Secret", "987654", "Pass-Secret", "Gate-Secret", "Gate-Secret-And-More", "gezd gnbv-gy3t", "gezdgnbvgy3t", "GEZDGNBVGY3T",
			// The SHA-256 of the password is as good as the password.
			fmt.Sprintf("%x", sha256.Sum256([]byte("Pass-Secret"))),
		}},
		"of a URI": {rocketchat.Config{TwoFactor: rocketchat.TwoFactor{TOTP: parseTOTP(t, uri)}}, []string{"gezdgnbvgy3tqojq", "GEZDGNBVGY3TQOJQ", uri}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			ctx := tflogtest.RootLogger(t.Context(), &out)
			log := slog.New(newLogHandler(c.config.Redactor()))
			for _, leak := range c.leaks {
				log.With(slog.String("early", leak)).InfoContext(ctx, "message with "+leak+" inside",
					slog.String("field", leak), slog.Any("error", errors.New("refused: "+leak)),
					slog.Any("headers", map[string][]string{"X-Any": {leak}}))
			}
			log.InfoContext(ctx, "turned on")
			mustNotContain(t, out.String(), append(c.leaks, "And-More", "otpauth")...)
			mustContain(t, out.String(), "message with (redacted) inside", "turned on")
		})
	}
}

func parseTOTP(t *testing.T, raw string) *rocketchat.TOTPSecret {
	t.Helper()
	secret, err := rocketchat.ParseTOTPSecret(raw)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}
