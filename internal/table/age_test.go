// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table_test

import (
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

func TestParseAge(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"30d": 30 * day, "1d": day, "1.5d": 36 * time.Hour, "1d12h": 36 * time.Hour, "0d1s": time.Second,
		"12h": 12 * time.Hour, "1h30m": 90 * time.Minute, "45s": 45 * time.Second, "106751d": 106751 * day,
	} {
		if got, err := table.ParseAge(text); err != nil || got != want {
			t.Errorf("ParseAge(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", " ", "d", "30", "30 d", "30D", "-1d", "+1d", "0d", "0s", "-12h", "1d-12h", "1d+12h", "12h1d", "1d1d", "1e3d", "0x1d", "infd", "NaNd",
		"..d", "106752d", "106751d24h", "thirty days", "1w", "1d ", "1d12",
	} {
		if got, err := table.ParseAge(text); err == nil {
			t.Errorf("ParseAge(%q) = %v, want an error", text, got)
		}
	}
}

func TestParseAge_knowsLongerUnits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"4w": `write "28d"`, "1 week": `write "7d"`, "2 Weeks": `write "14d"`, "3mo": `write "90d"`, "6 months": `write "180d"`, "1y": `write "365d"`,
		"0w": "greater than zero", "w": "greater than zero", "99999999999w": "greater than zero",
	} {
		_, err := table.ParseAge(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseAge(%q): %v, want %s", text, err, want)
		}
	}
}

// FuzzParseAge holds ParseAge against Go's own notation, into which days are
// written as hours.
func FuzzParseAge(f *testing.F) {
	for _, text := range []string{"30d", "1.5d", "1d12h", "45s", "d", "1d1d", "9999999d", "1h-1m"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := table.ParseAge(text)
		if err == nil && got <= 0 {
			t.Fatalf("ParseAge(%q) = %v, which is no age", text, got)
		}
		if strings.Contains(text, "d") {
			return
		}
		want, wantErr := time.ParseDuration(text)
		if refuse := wantErr != nil || want <= 0 || strings.HasPrefix(text, "+"); refuse != (err != nil) {
			t.Fatalf("ParseAge(%q) = %v, %v; time.ParseDuration says %v, %v", text, got, err, want, wantErr)
		}
		if err == nil && got != want {
			t.Fatalf("ParseAge(%q) = %v, want %v", text, got, want)
		}
	})
}
