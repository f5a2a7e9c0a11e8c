// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as every authenticator speaks it
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"
)

const totpStep = 30 * time.Second

// totp is the code of RFC 6238 for the step that is delta steps from an
// instant: SHA-1, six digits, steps of 30 seconds. It is written out here so
// that a client's library and the workspace do not share a mistake.
func totp(secret string, at time.Time, delta int64) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("TOTP secret: %w", err)
	}
	step := at.Unix()/int64(totpStep/time.Second) + delta
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step))) //nolint:gosec // steps since 1970
	sum := mac.Sum(nil)
	at4 := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[at4:]) & 0x7fffffff
	return fmt.Sprintf("%06d", number%1_000_000), nil
}

// TOTP is the code that the workspace takes for the account at an instant of
// its own clock; empty for an account without a readable secret.
func (a Account) TOTP(at time.Time) string {
	if a.TOTPSecret == "" {
		return ""
	}
	code, err := totp(a.TOTPSecret, at, 0)
	if err != nil {
		return ""
	}
	return code
}
