// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// warningOfReconnected names the users who may have a session too many, because one of
// their clients was counted by two connections.
func warningOfReconnected(counted []*sessions.Session) diag.Diagnostics {
	if len(counted) == 0 {
		return nil
	}
	names := make([]string, 0, len(counted))
	for _, s := range counted {
		names = append(names, nameOf(s))
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("beyond_per_user"), "A client may be counted twice", paragraphs(
		"These users have more sessions than `beyond_per_user`, and one of them connected while the provider read the list: "+
			firstFew(different(names))+".",
		"If that client was connected before, its previous session can be listed as well, because the workspace does not show which "+
			"sessions belong to one client. Logging out the previous session ends the present connection.",
		"Read the list again before you log out sessions of these users.",
	))}
}

// nameOf is the username of a session's user, or else the ID.
func nameOf(s *sessions.Session) string {
	if s.User != nil {
		if name := s.User.Username.Pointer(); name != nil && *name != "" {
			return *name
		}
	}
	if s.UserID != nil && *s.UserID != "" {
		return *s.UserID
	}
	return userWithoutID
}
