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

// TOTP is the code that the workspace takes for the account at an instant of
// its own clock, as RFC 6238 has it: SHA-1, six digits, steps of 30 seconds. It
// is empty for an account without a readable secret. It is written out here so
// that a client's library and the workspace do not share a mistake.
func (a Account) TOTP(at time.Time) string {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.TOTPSecret)
	if err != nil || len(key) == 0 {
		return ""
	}
	step := at.Unix() / int64(totpStep/time.Second)
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step))) //nolint:gosec // steps since 1970
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%06d", number%1_000_000)
}
