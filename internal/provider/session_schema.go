// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// loginTime is RFC 3339 in UTC with the three decimals that Rocket.Chat keeps.
const loginTime = "2006-01-02T15:04:05.000Z"

// sessionField is a field of the session object.
type sessionField struct {
	name        string
	description string
	// truth tells a field that holds true or false.
	truth bool
	// fields are those of an object; a field without any holds text.
	fields []sessionField
}

// sessionFields is the session object. Its type and its documentation are both
// made from here.
func sessionFields() []sessionField {
	return []sessionField{
		{name: "id", description: "Id of the row; equal to `session_id` since release 6.6, may be null before."},
		{name: "session_id", description: "Id of the session, by which it can be logged out. May be null before release 6.6."},
		{name: "user_id", description: "Id of the user."},
		{name: "host", description: "Host that the client connected to."},
		{name: "ip", description: "Address of the client as the workspace sees it: IPv4, IPv6, or a list where proxies add to it."},
		{name: "login_at", description: "When the client last connected with its token, in RFC 3339, UTC, with milliseconds: `2023-05-24T00:25:54.234Z`. " +
			"A page that is reloaded or a laptop that wakes up connects anew, so this is not when the session began. Rocket.Chat calls it \"Last login\"."},
		{name: "device", description: "What the client says of itself; null where it said nothing.", fields: []sessionField{
			{name: "type", description: "`browser`, `mobile`, `tablet`, `mobile-app`, `desktop-app`, `other`, or empty (browsers on macOS)."},
			{name: "name", description: "Name of the browser or app, such as `Chrome`."},
			{name: "version", description: "Version, such as `113.0.0`."},
			{name: "long_version", description: "Version in full, such as `113.0.0.0`."},
			{name: "os", description: "Operating system; null where the client did not name it.", fields: []sessionField{
				{name: "name", description: "Name, such as `Windows`."},
				{name: "version", description: "Version, such as `10`; null on most Linux systems."},
			}},
		}},
		{name: "user", description: "The user; null for a user who was deleted.", fields: []sessionField{
			{name: "username", description: "User name, without the `@`."},
			{name: "name", description: "Display name; null for a user without one."},
			{name: "avatar_etag", description: "Changes with the avatar; null without one."},
		}},
	}
}

func objectType(fields []sessionField) types.ObjectType {
	attributes := make(map[string]attr.Type, len(fields))
	for _, field := range fields {
		switch {
		case field.fields != nil:
			attributes[field.name] = objectType(field.fields)
		case field.truth:
			attributes[field.name] = types.BoolType
		default:
			attributes[field.name] = types.StringType
		}
	}
	return types.ObjectType{AttrTypes: attributes}
}

// sessionType is the type of a session.
func sessionType() types.ObjectType { return objectType(sessionFields()) }

// sessionTable is the documentation of a session, as a Markdown table.
func sessionTable(fields []sessionField) string {
	var table strings.Builder
	table.WriteString("| Field | Type | Meaning |\n|---|---|---|\n")
	writeRows(&table, "", fields)
	return table.String()
}

func writeRows(table *strings.Builder, prefix string, fields []sessionField) {
	for _, field := range fields {
		kind := "string"
		switch {
		case field.fields != nil:
			kind = "object"
		case field.truth:
			kind = "bool"
		}
		table.WriteString("| `" + prefix + field.name + "` | " + kind + " | " + field.description + " |\n")
		writeRows(table, prefix+field.name+".", field.fields)
	}
}

// sessionsValue is the list of sessions as Terraform holds it; never null.
func sessionsValue(all []*sessions.Session) types.List {
	object := newSessionObject()
	elements := make([]attr.Value, 0, len(all))
	for _, session := range all {
		elements = append(elements, object.value(session))
	}
	return types.ListValueMust(object.session, elements)
}

// sessionObject holds the types, which are the same for every session.
type sessionObject struct {
	session types.ObjectType
	device  map[string]attr.Type
	os      map[string]attr.Type
	user    map[string]attr.Type
}

func newSessionObject() sessionObject {
	session := sessionType()
	device := attributeTypes(session.AttrTypes["device"])
	return sessionObject{
		session: session,
		device:  device,
		os:      attributeTypes(device["os"]),
		user:    attributeTypes(session.AttrTypes["user"]),
	}
}

func attributeTypes(t attr.Type) map[string]attr.Type {
	object, _ := t.(types.ObjectType)
	return object.AttrTypes
}

func (o sessionObject) value(s *sessions.Session) types.Object {
	return types.ObjectValueMust(o.session.AttrTypes, map[string]attr.Value{
		"id":         types.StringPointerValue(s.ID),
		"session_id": types.StringPointerValue(s.SessionID),
		"user_id":    types.StringPointerValue(s.UserID),
		"host":       types.StringPointerValue(s.Host),
		"ip":         types.StringPointerValue(s.IP),
		"login_at":   loginValue(s.LoginAt),
		"device":     o.deviceValue(s.Device),
		"user":       o.userValue(s.User),
	})
}

func loginValue(at *time.Time) types.String {
	if at == nil {
		return types.StringNull()
	}
	return types.StringValue(at.UTC().Format(loginTime))
}

func (o sessionObject) deviceValue(d *sessions.Device) types.Object {
	if d == nil {
		return types.ObjectNull(o.device)
	}
	return types.ObjectValueMust(o.device, map[string]attr.Value{
		"type":         types.StringPointerValue(d.Type.Pointer()),
		"name":         types.StringPointerValue(d.Name.Pointer()),
		"version":      types.StringPointerValue(d.Version.Pointer()),
		"long_version": types.StringPointerValue(d.LongVersion.Pointer()),
		"os":           o.osValue(d.OS.Pointer()),
	})
}

func (o sessionObject) osValue(os *sessions.OS) types.Object {
	if os == nil {
		return types.ObjectNull(o.os)
	}
	return types.ObjectValueMust(o.os, map[string]attr.Value{
		"name":    types.StringPointerValue(os.Name.Pointer()),
		"version": types.StringPointerValue(os.Version.Pointer()),
	})
}

func (o sessionObject) userValue(u *sessions.User) types.Object {
	if u == nil {
		return types.ObjectNull(o.user)
	}
	return types.ObjectValueMust(o.user, map[string]attr.Value{
		"username":    types.StringPointerValue(u.Username.Pointer()),
		"name":        types.StringPointerValue(u.Name.Pointer()),
		"avatar_etag": types.StringPointerValue(u.AvatarETag.Pointer()),
	})
}
