// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// shape is what an argument holds.
type shape int

const (
	shapeText shape = iota
	shapeNumber
	shapeTexts
	shapeObject
	shapeObjects
	// The results.
	shapeSessions
	shapeCount
)

// argument is an argument or a result, whatever kind of schema it ends up in:
// the framework's schemas of data sources and of ephemeral resources share no
// types.
type argument struct {
	name        string
	description string
	shape       shape
	// required is only ever set inside an object.
	required bool
	texts    []validator.String
	numbers  []validator.Int64
	lists    []validator.List
	fields   []argument
}

// workspaceSessionsArguments are the arguments and results of every kind that
// reads the sessions of a workspace, but for timeouts.
func workspaceSessionsArguments() []argument {
	return []argument{
		{
			name: "filter", shape: shapeText, texts: []validator.String{regularExpression{}},
			description: "Regular expression. A session is kept when any of its fields matches: session id, user id, username, name, " +
				"device type, name and version, OS name and version, host, or ip. " + dialect + " Null and an empty expression keep every session.",
		},
		{
			name: "match", shape: shapeObject, fields: patternArguments(),
			description: "Regular expressions by field; a session is kept when all that are set match. " + dialect +
				" A field that the session lacks matches nothing, not even `.*`; an empty expression matches every session. Null keeps every session.",
		},
		{
			name: "exclude", shape: shapeObject, fields: patternArguments(),
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
				"it takes the text literally, in any case; it finds it in device name, device type, OS name, session id and user id, written together without spaces, " +
				"and in the username, name or nickname of **at most five** active users; it does not see addresses, hosts, versions or times. Null searches for nothing and reads all.",
		},
		{
			name: "sort", shape: shapeObjects, lists: []validator.List{distinctSortKeys{}},
			fields: []argument{
				{
					name: "key", shape: shapeText, required: true, texts: []validator.String{stringvalidator.OneOf(sessions.SortKeys()...)},
					description: "What to sort by: `session_id`, `user_id`, `username`, `name`, `device_type`, `device_name`, `device_version`, " +
						"`os_name`, `os_version`, `host`, `ip` or `login_at`. Text is compared by code point. What is missing is lower than everything else.",
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
			name: "sessions", shape: shapeSessions,
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
	}
}

const dialect = "[RE2](https://github.com/google/re2/wiki/Syntax), not anchored, in any case unless it begins with `(?-i)`."

const (
	ascending  = "asc"
	descending = "desc"
)

func patternArguments() []argument {
	patterns := make([]argument, 0, len(sessions.Fields()))
	for _, field := range sessions.Fields() {
		patterns = append(patterns, argument{
			name: string(field), shape: shapeText, texts: []validator.String{regularExpression{}},
			description: fmt.Sprintf("Regular expression for `%s`. Null asks nothing.", sessionPath(field)),
		})
	}
	return patterns
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

// dataSourceAttributes renders arguments for the schema of a data source.
func dataSourceAttributes(arguments []argument) map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute, len(arguments))
	for _, a := range arguments {
		attributes[a.name] = a.dataSourceAttribute()
	}
	return attributes
}

func (a argument) dataSourceAttribute() schema.Attribute {
	switch a.shape {
	case shapeNumber:
		return schema.Int64Attribute{Optional: true, Validators: a.numbers, MarkdownDescription: a.description}
	case shapeTexts:
		return schema.ListAttribute{ElementType: types.StringType, Optional: true, Validators: a.lists, MarkdownDescription: a.description}
	case shapeObject:
		return schema.SingleNestedAttribute{Attributes: dataSourceAttributes(a.fields), Optional: true, MarkdownDescription: a.description}
	case shapeObjects:
		return schema.ListNestedAttribute{
			NestedObject: schema.NestedAttributeObject{Attributes: dataSourceAttributes(a.fields)},
			Optional:     true, Validators: a.lists, MarkdownDescription: a.description,
		}
	case shapeSessions:
		// Neither a set, whose cost is quadratic, nor nested attributes, whose
		// contents mock_provider cannot fill in.
		return schema.ListAttribute{ElementType: sessionType(), Computed: true, MarkdownDescription: a.description}
	case shapeCount:
		return schema.Int64Attribute{Computed: true, MarkdownDescription: a.description}
	default:
		return schema.StringAttribute{Required: a.required, Optional: !a.required, Validators: a.texts, MarkdownDescription: a.description}
	}
}
