// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// sessionsArguments are the arguments and results of every kind that reads
// that list of sessions.
func sessionsArguments(list sessionList) []argument {
	return []argument{
		{
			name: "filter", shape: shapeText, texts: []validator.String{regularExpression{}},
			description: "Regular expression. A session is kept when any of its fields matches: " + fieldNames(list.fields) + ". " +
				dialect + " Null and an empty expression keep every session.",
		},
		{
			name: "match", shape: shapeObject, fields: patternArguments(list.fields),
			description: "Regular expressions by field; a session is kept when all that are set match. " + dialect +
				" A field that the session lacks matches nothing, not even `.*`; an empty expression matches every session. Null keeps every session.",
		},
		{
			name: "exclude", shape: shapeObject, fields: patternArguments(list.fields),
			description: "Regular expressions by field, as in `match`; a session is left out when any of them matches. " +
				"An empty expression therefore leaves every session out. Null leaves none out.",
		},
		{
			name: "within_cidrs", shape: shapeTexts, lists: []validator.List{networks{}},
			description: "Networks in CIDR notation, IPv4 or IPv6. A session is kept when its address is in one of them; " +
				"an address that is missing or unreadable is in none, and a list of addresses only as a whole. An empty list keeps no session. Null keeps every session.",
		},
		{
			name: "outside_cidrs", shape: shapeTexts, lists: []validator.List{networks{}},
			description: "Networks in CIDR notation, IPv4 or IPv6. A session is kept when its address is in none of them, or is missing or unreadable. " +
				"Both an empty list and null keep every session.",
		},
		{
			name: "logged_in_before", shape: shapeText, texts: []validator.String{timestamp{}},
			description: "Keeps the sessions whose login is before this time, in RFC 3339, such as `2026-01-31T00:00:00Z`. The time itself is not included. " +
				"A session without a login time counts as the oldest. Null sets no bound.",
		},
		{
			name: "logged_in_after", shape: shapeText, texts: []validator.String{timestamp{}},
			description: "Keeps the sessions whose login is after this time, in RFC 3339. The time itself is not included. " +
				"Reading stops where the list is older, which saves calls. Null sets no bound.",
		},
		{
			name: "search", shape: shapeText, texts: []validator.String{stringvalidator.LengthAtLeast(1)},
			description: "Text that the workspace itself searches for, as its own `filter`, so that it sends fewer pages. It is no substitute for `filter`: " +
				"it takes the text literally, in any case; it finds it in device name, device type, OS name, session id and user id, written together without spaces" + list.searchReach + "; " +
				"it does not see addresses, hosts, versions or times. Null searches for nothing and reads all.",
		},
		{
			name: "sort", shape: shapeObjects, lists: []validator.List{distinctSortKeys{}},
			fields: []argument{
				{
					name: "key", shape: shapeText, required: true, texts: []validator.String{stringvalidator.OneOf(list.sortKeys()...)},
					description: "What to sort by: " + quotedNames(list.sortKeys()) + ". Text is compared by code point. What is missing is lower than everything else.",
				},
				{
					name: "direction", shape: shapeText, texts: []validator.String{stringvalidator.OneOf(ascending, descending)},
					description: "`asc` or `desc`. Null means `asc`.",
				},
			},
			description: "Keys to sort the whole result by, the first one first; what they leave equal is in the order of the session ids. " +
				"Null and an empty list mean `login_at` descending: the newest login first.",
		},
		{
			name: "offset", shape: shapeNumber, numbers: []validator.Int64{int64validator.AtLeast(0)},
			description: "How many sessions of the filtered and sorted result to leave out at its beginning. Null means `0`.",
		},
		{
			name: "limit", shape: shapeNumber, numbers: []validator.Int64{int64validator.AtLeast(0)},
			description: "How many sessions to return at most; `0` returns none, for those who need only `matched` or `total` and want no personal data in their state. " +
				"In the default order and without a filter no more is read than this needs. Null returns all.",
		},
		{
			name: "sessions", shape: shapeFoundObjects, found: objectType(list.object),
			description: "The sessions. Never null. The fields of a session are in the table [below](#fields-of-a-session).",
		},
		{
			name: "total", shape: shapeCount,
			description: "How many sessions the workspace reported, after `search` and before all other arguments.",
		},
		{
			name: "matched", shape: shapeCount,
			description: "How many sessions passed every argument but `offset` and `limit`.",
		},
		readTimeout(),
	}
}

const dialect = "[RE2](https://github.com/google/re2/wiki/Syntax), not anchored, in any case unless it begins with `(?-i)`."

const (
	ascending  = "asc"
	descending = "desc"
)

func patternArguments(fields []sessions.Field) []argument {
	patterns := make([]argument, 0, len(fields))
	for _, field := range fields {
		patterns = append(patterns, argument{
			name: string(field), shape: shapeText, texts: []validator.String{regularExpression{}},
			description: fmt.Sprintf("Regular expression for `%s`. Null asks nothing.", sessionPath(field)),
		})
	}
	return patterns
}

// fieldNames lists fields by their place in the session object.
func fieldNames(fields []sessions.Field) string {
	names := make([]string, 0, len(fields))
	for _, field := range fields {
		names = append(names, sessionPath(field))
	}
	return quotedNames(names)
}

// quotedNames lists at least two names: `a`, `b` or `c`.
func quotedNames(names []string) string {
	code := slices.Clone(names)
	for i, name := range code {
		code[i] = "`" + name + "`"
	}
	last := len(code) - 1
	return strings.Join(code[:last], ", ") + " or " + code[last]
}

// sessionPath is where a field stands in the session object.
func sessionPath(field sessions.Field) string {
	switch field {
	case sessions.FieldUsername:
		return "user.username"
	case sessions.FieldName:
		return "user.name"
	case sessions.FieldDeviceType:
		return "device.type"
	case sessions.FieldDeviceName:
		return "device.name"
	case sessions.FieldDeviceVersion:
		return "device.version"
	case sessions.FieldOSName:
		return "device.os.name"
	case sessions.FieldOSVersion:
		return "device.os.version"
	default:
		return string(field)
	}
}
