// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// What [CheckSettingID] finds.
var (
	// ErrSettingID: no setting has such an ID.
	ErrSettingID = errors.New("not the ID of a setting")
	// ErrSecretSetting: by its name, the setting is a password, a key or a token, or contains one.
	ErrSecretSetting = errors.New("the setting is a secret")
)

var (
	settingID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	// settingWord is a word of an ID in any of the spellings that Rocket.Chat uses:
	// SMTP_Password, authToken, CROWD_APP_PASSWORD. An acronym belongs to the word that
	// follows: APIKey.
	settingWord = regexp.MustCompile(`[A-Z]+[a-z]*|[a-z]+`)
	// alwaysSecret ends a word that makes a secret wherever it is.
	alwaysSecret = regexp.MustCompile(`(secret|passphrase|credential|jwk)s?$`)
	// secretAtEnd ends a word that makes a secret if it is the last one, because others
	// are about passwords or tokens: Accounts_Password_Policy_Enabled.
	secretAtEnd = regexp.MustCompile(`(password|passwd|pwd|token|key|license)s?$|^(pass|salt|pin|dsn)$`)
	// secretInside are settings with secrets inside their values, which their names do not tell:
	// the addresses of TURN servers with their passwords, files of services, certificates that
	// are stored with their keys, and addresses that authorize whoever knows them.
	secretInside = regexp.MustCompile(`(?i)^webrtc_servers$|^push_apn_(dev_)?cert$|` +
		`(registration_?file|service_?account|webhook_?ur[li]|connection_?string)$`)
)

// CheckSettingID returns [ErrSettingID] or [ErrSecretSetting] for an ID that the client
// does not ask for.
func CheckSettingID(id string) error {
	if !settingID.MatchString(id) {
		return ErrSettingID
	}
	if secretInside.MatchString(id) {
		return ErrSecretSetting
	}
	words := settingWord.FindAllString(id, -1)
	for i, word := range words {
		words[i] = strings.ToLower(word)
	}
	if slices.ContainsFunc(words, alwaysSecret.MatchString) {
		return ErrSecretSetting
	}
	for len(words) > 1 && slices.Contains([]string{"id", "value", "text"}, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	if len(words) > 0 && secretAtEnd.MatchString(words[len(words)-1]) {
		return ErrSecretSetting
	}
	return nil
}
