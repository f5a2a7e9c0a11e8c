// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// ownSessionFields is a session of the account's own list. The server sends no
// user there, and a null one would say that the user was deleted.
func ownSessionFields() []sessionField {
	fields := slices.DeleteFunc(sessionFields(), func(field sessionField) bool { return field.name == "user" })
	return append(fields, sessionField{
		name: "current", truth: true,
		description: "Whether this is the session of the token that the provider uses; null before release 8.7, which does not say.",
	})
}

// ownSessionsValue is the list as Terraform holds it; never null.
func ownSessionsValue(all []*sessions.Session) types.List {
	whole, own := newSessionObject(), objectType(ownSessionFields())
	elements := make([]attr.Value, 0, len(all))
	for _, session := range all {
		attributes := whole.value(session).Attributes()
		delete(attributes, "user")
		attributes["current"] = types.BoolPointerValue(session.Current)
		elements = append(elements, types.ObjectValueMust(own.AttrTypes, attributes))
	}
	return types.ListValueMust(own, elements)
}

func (w *objectWriter) ownSession(s *sessions.Session) {
	w.object(8)
	w.truth("current", s.Current)
	w.name("device")
	w.device(s.Device)
	w.text("host", s.Host)
	w.text("id", s.ID)
	w.text("ip", s.IP)
	w.text("login_at", loginText(s.LoginAt))
	w.text("session_id", s.SessionID)
	w.text("user_id", s.UserID)
}

func (w *objectWriter) truth(name string, value *bool) {
	w.name(name)
	switch {
	case w.err != nil:
	case value == nil:
		w.null()
	default:
		w.err = w.enc.EncodeBool(*value)
	}
}
