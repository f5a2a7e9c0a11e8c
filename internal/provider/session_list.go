// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// sessionList is one of the two lists that the API has, by what makes a
// difference to a user.
type sessionList struct {
	// fields are what filter, match, exclude and sort look at.
	fields []sessions.Field
	// object is what a session of the list holds.
	object []sessionField
	// searchReach is where else the workspace's own search looks.
	searchReach string
	read        func(*rocketchat.Client, context.Context, string, sessions.Need) (*rocketchat.Listing, error)
	// value is the list as Terraform holds it, and write encodes one session of it
	// without that detour.
	value func([]*sessions.Session) types.List
	write func(*objectWriter, *sessions.Session)
}

// sortKeys are the fields, then the login time.
func (l sessionList) sortKeys() []string {
	keys := make([]string, 0, len(l.fields)+1)
	for _, field := range l.fields {
		keys = append(keys, string(field))
	}
	return append(keys, sessions.LoginAt)
}

// workspaceSessions is the list of everybody's sessions.
func workspaceSessions() sessionList {
	return sessionList{
		fields:      sessions.Fields(),
		object:      sessionFields(),
		searchReach: ", and in the username, name or nickname of **at most five** active users",
		read:        (*rocketchat.Client).WorkspaceSessions,
		value:       sessionsValue,
		write:       (*objectWriter).session,
	}
}

// currentUserSessions is the list of the token's own user, whom it does not name.
func currentUserSessions() sessionList {
	return sessionList{
		fields: slices.DeleteFunc(sessions.Fields(), func(field sessions.Field) bool {
			return field == sessions.FieldUsername || field == sessions.FieldName
		}),
		object: ownSessionFields(),
		read:   (*rocketchat.Client).OwnSessions,
		value:  ownSessionsValue,
		write:  (*objectWriter).ownSession,
	}
}

// fieldNames lists fields by their place in the session object.
func fieldNames(fields []sessions.Field) string {
	names := make([]string, 0, len(fields))
	for _, field := range fields {
		names = append(names, sessionPath(field))
	}
	return quotedNames(names, "or")
}

// fieldKeys lists fields by the names that match, exclude and sort have for them.
func fieldKeys(fields []sessions.Field) string {
	keys := make([]string, 0, len(fields))
	for _, field := range fields {
		keys = append(keys, string(field))
	}
	return quotedNames(keys, "and")
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
