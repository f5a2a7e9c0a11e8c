// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// rfcSecret is "12345678901234567890" of RFC 6238, appendix B, in base32.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestTOTPCode(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		raw  string
		at   int64
		want string
	}{
		"RFC 6238 at 59":              {rfcSecret, 59, "287082"},
		"RFC 6238 at 1111111109":      {rfcSecret, 1111111109, "081804"},
		"RFC 6238 at 20000000000":     {rfcSecret, 20000000000, "353130"},
		"lower case":                  {strings.ToLower(rfcSecret), 59, "287082"},
		"in groups":                   {"  GEZD GNBV\tGY3T QOJQ\nGEZD-GNBV-GY3T-QOJQ ", 59, "287082"},
		"padded":                      {rfcSecret + "======", 59, "287082"},
		"otpauth":                     {"otpauth://totp/Rocket.Chat:admin?secret=" + rfcSecret + "&issuer=Rocket.Chat", 59, "287082"},
		"otpauth, in any case":        {"OTPAUTH://TOTP/admin?secret=" + strings.ToLower(rfcSecret), 59, "287082"},
		"otpauth, encoded spaces":     {"otpauth://totp/a?secret=GEZD%20GNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59, "287082"},
		"otpauth, its own parameters": {"otpauth://totp/a?digits=6&period=30&algorithm=sha1&secret=" + rfcSecret, 59, "287082"},
		"otpauth, surrounding space":  {"\n otpauth://totp/a?secret=" + rfcSecret + " \n", 59, "287082"},
	} {
		secret, err := ParseTOTPSecret(tc.raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := secret.code(time.Unix(tc.at, 0)); got != tc.want {
			t.Errorf("%s: code = %q, want %q", name, got, tc.want)
		}
	}
}

func TestParseTOTPSecret_refusesWithoutQuoting(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"222222222":                  "is not base32",
		"":                           "contains no secret",
		" \n\t":                      "contains no secret",
		"====":                       "contains no secret",
		"HUNTER2-not-base32!":        "is not base32",
		"HUNTER189":                  "is not base32",
		"HUNTER2\u00df":              "is not base32",
		"A":                          "is not base32",
		"287082":                     "is not base32",
		"https://hunter2":            "is not base32",
		"otpauth://totp/HUNTER2":     "contains no secret",
		"otpauth://totp/a?secret=":   "contains no secret",
		"otpauth://totp/%zz?HUNTER2": "is not a readable otpauth URI",
		"otpauth://hotp/a?counter=1&secret=HUNTER22": "another type than totp",
		"otpauth:HUNTER2":                                              "another type than totp",
		"otpauth://totp/a?secret=HUNTER189":                            "is not base32",
		"otpauth://totp/a?period=0&secret=HUNTER22":                    "period",
		"otpauth://totp/a?period=60&secret=HUNTER22":                   "period",
		"otpauth://totp/a?period=18446744073709551646&secret=HUNTER22": "period",
		"otpauth://totp/a?period=HUNTER2&secret=HUNTER22":              "period",
		"otpauth://totp/a?digits=8&secret=HUNTER22":                    "digits",
		"otpauth://totp/a?digits=7&secret=HUNTER22":                    "digits",
		"otpauth://totp/a?digits=6&digits=8&secret=HUNTER22":           "digits",
		"otpauth://totp/a?Digits=8&secret=HUNTER22":                    "digits",
		"otpauth://totp/a?algorithm=SHA256&secret=HUNTER22":            "algorithm",
		"otpauth://totp/a?algorithm=SHA512&secret=HUNTER22":            "algorithm",
		"otpauth://totp/a?algorithm=MD5&secret=HUNTER22":               "algorithm",
		"otpauth://totp/a?algorithm=HUNTER2&secret=HUNTER22":           "algorithm",
	} {
		secret, err := ParseTOTPSecret(raw)
		if text := fmt.Sprint(err); secret != nil || !strings.Contains(text, want) || strings.Contains(strings.ToUpper(text), "HUNTER") || strings.Contains(text, "287082") {
			t.Errorf("ParseTOTPSecret(%q): %q, want %q and nothing of the input", raw, text, want)
		}
	}
}

func TestSecondFactor_passwordHash(t *testing.T) {
	t.Parallel()
	if got, want := passwordHash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; got != want {
		t.Errorf("passwordHash = %q, want %q", got, want)
	}
}

func FuzzParseTOTPSecret(f *testing.F) {
	for _, seed := range []string{
		rfcSecret, strings.ToLower(rfcSecret), "GEZD GNBV-GY3T====", "", "A", "HUNTER2!", "222222222",
		"otpauth://totp/a?secret=" + rfcSecret, "otpauth://totp/a?secret=" + rfcSecret + "&digits=8&period=60&algorithm=SHA512",
		"otpauth://hotp/a?secret=" + rfcSecret, "otpauth:", "otpauth://totp/%zz", "otpauth://totp/a?secret=%20&period=-1",
	} {
		f.Add(seed, int64(59))
	}
	texts := []string{
		"is not a readable otpauth URI", "is an otpauth URI of another type than totp", "contains no secret",
		"is an otpauth URI whose period is not 30, as that of Rocket.Chat",
		"is an otpauth URI whose digits are not 6, as those of Rocket.Chat",
		"is an otpauth URI whose algorithm is not SHA1, as that of Rocket.Chat",
		"is not base32 (the letters A to Z and the digits 2 to 7)",
	}
	f.Fuzz(func(t *testing.T, raw string, at int64) {
		secret, err := ParseTOTPSecret(raw)
		if err != nil {
			if !slices.Contains(texts, err.Error()) {
				t.Errorf("ParseTOTPSecret(%q): the text %q may quote it", raw, err)
			}
			return
		}
		code := secret.code(time.Unix(at, 0))
		if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
			t.Errorf("the code of %q at %d is %q", raw, at, code)
		}
		if again, err := ParseTOTPSecret(secret.secret); err != nil || again.secret != secret.secret {
			t.Errorf("the secret of %q is %q, which is not one: %v", raw, secret.secret, err)
		}
	})
}
