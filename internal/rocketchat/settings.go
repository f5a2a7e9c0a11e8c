// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
)

// Settings is the result of a read of settings by ID.
type Settings struct {
	// Values are those of the requested settings, and of no other.
	Values map[string]SettingValue
	// Unknown are the requested settings that the workspace does not have, or that it
	// shows to nobody.
	Unknown []string
	// Refused are the requested settings that are not public, which the account may not
	// read; the workspace may not have them. Refusal is then the workspace's, else nil.
	Refused []string
	Refusal error
	// Public are the IDs of all public settings, in ascending order.
	Public []string
}

// SettingValue is the value of a setting.
type SettingValue struct {
	// Scalar is a bool, a float64 or a string, or nil for a value of another kind, which
	// is not kept.
	Scalar any
	// Kind is what JSON calls the kind of the value, or empty if there is none.
	Kind string
}

// kinds are those of JSON but numbers, by the first byte.
var kinds = map[byte]string{'{': "object", '[': "array", 'n': "null", '"': "string", 't': "boolean", 'f': "boolean"}

// UnmarshalJSON implements [json.Unmarshaler]. Its errors do not quote the value.
func (v *SettingValue) UnmarshalJSON(text []byte) error {
	*v = SettingValue{Kind: cmp.Or(kinds[text[0]], "number")}
	switch v.Kind {
	case "object", "array", "null":
		return nil
	}
	if json.Unmarshal(text, &v.Scalar) != nil {
		return errors.New("the value of a setting is out of range")
	}
	return nil
}

// setting is a row of settings.public, and a response about one setting.
type setting struct {
	ID    string       `json:"_id"`
	Value SettingValue `json:"value"`
}

// maxSettings bounds the public settings of a workspace; there are some hundreds.
const maxSettings = 100_000

// Settings reads settings by ID: all public settings in one call, which serves everybody for a
// minute, and each other setting by its ID, because the list of these has the values of
// secrets, too: so no secret leaves the workspace. IDs that [CheckSettingID] refuses are errors.
func (c *Client) Settings(ctx context.Context, ids []string) (*Settings, error) {
	for _, id := range ids {
		if err := CheckSettingID(id); err != nil {
			return nil, err
		}
	}
	public, err := c.settings.get(ctx, nil, c.readPublicSettings)
	if err != nil {
		return nil, err
	}
	result := &Settings{Values: map[string]SettingValue{}, Public: slices.Sorted(maps.Keys(public))}
	var private []string
	for _, id := range ids {
		if value, ok := public[id]; ok {
			result.Values[id] = value
		} else if !slices.Contains(private, id) {
			private = append(private, id)
		}
	}
	return result, c.addPrivateSettings(ctx, private, result)
}

// addPrivateSettings asks for settings that are not public. A refusal ends it, because
// the workspace refuses all of them alike.
func (c *Client) addPrivateSettings(ctx context.Context, ids []string, result *Settings) error {
	shared := make([]*latest[SettingValue], len(ids))
	calls := 0
	for i, id := range ids {
		shared[i] = c.privateSetting(id)
		if !shared[i].isFresh() {
			calls++
		}
	}
	if err := c.checkWaits(settingByID, calls, c.announceTo(ctx)); err != nil {
		return err
	}
	waited := &limitWaits{} // of all these reads together
	defer c.longWaits.keep(waited)
	for i, id := range ids {
		value, err := shared[i].get(ctx, nil, func(ctx context.Context, audience *audience) (SettingValue, error) {
			audience.waited = waited
			return c.readPrivateSetting(ctx, id, audience)
		})
		switch {
		case errors.Is(err, ErrNoSetting):
			result.Unknown = append(result.Unknown, id)
		case errors.Is(err, ErrNoPermission):
			result.Refused, result.Refusal = ids[i:], err
			return nil
		case err != nil:
			return err
		default:
			result.Values[id] = value
		}
	}
	return nil
}

// privateSetting is the shared read of one setting.
func (c *Client) privateSetting(id string) *latest[SettingValue] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.private[id] == nil {
		c.private[id] = newLatest[SettingValue](c, settingByID)
	}
	return c.private[id]
}

// readPublicSettings reads the values of the public settings by ID.
func (c *Client) readPublicSettings(ctx context.Context, audience *audience) (map[string]SettingValue, error) {
	rows, _, err := readByID(ctx, &listByID[setting]{
		client: c, audience: audience, endpoint: settingsPublic,
		name: "settings", id: func(s *setting) string { return s.ID }, most: maxSettings,
		values: func(*setting) int { return 0 },
		empty:  "the workspace lists no public settings",
		// A setting that is missing on a page is asked for by its ID.
		trustTotal: true,
	})
	if err != nil {
		return nil, err
	}
	public := make(map[string]SettingValue, len(rows))
	for _, row := range rows {
		if !errors.Is(CheckSettingID(row.ID), ErrSecretSetting) {
			public[row.ID] = row.Value
		}
	}
	return public, nil
}

func (c *Client) readPrivateSetting(ctx context.Context, id string, audience *audience) (SettingValue, error) {
	var response setting
	r := &request{client: c, endpoint: settingByID, id: id, audience: audience, decode: func(body []byte) error {
		response = setting{}
		switch err := unmarshalGood(body, &response); {
		case err != nil:
			return err
		case response.ID != id:
			return errors.New("the response is about another setting")
		case response.Value.Kind == "":
			return errors.New("the response has no value of the setting")
		}
		return nil
	}}
	err := r.do(ctx)
	return response.Value, err
}

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
	alwaysSecret = regexp.MustCompile(`(?i)(secret|passphrase|credential|jwk)s?$`)
	// secretAtEnd ends a word that makes a secret if it is the last one, because others
	// are about passwords or tokens: Accounts_Password_Policy_Enabled.
	secretAtEnd = regexp.MustCompile(`(?i)(password|passwd|pwd|token|key|license)s?$|^(pass|salt|pin|dsn)$`)
	// afterSecret are words that can follow that one.
	afterSecret = regexp.MustCompile(`(?i)^(id|value|text)$`)
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
	words := settingWord.FindAllString(id, -1)
	last := len(words) - 1
	for last > 0 && afterSecret.MatchString(words[last]) {
		last--
	}
	if secretInside.MatchString(id) || slices.ContainsFunc(words, alwaysSecret.MatchString) ||
		last >= 0 && secretAtEnd.MatchString(words[last]) {
		return ErrSecretSetting
	}
	return nil
}
