// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package users selects and sorts the users of a workspace. It is pure; it knows
// neither the network nor Terraform.
package users

import (
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// User is an account of the workspace, as users.listByStatus and users.list send it,
// without fields that no policy needs: e-mail addresses and services are never decoded.
// Every field but the ID may be missing.
type User struct {
	ID       string     `json:"_id"`
	Username table.Text `json:"username"`
	Name     table.Text `json:"name"`
	// Account has type, roles and whether the user is active. Roles are also missing if
	// the calling account may not see them.
	Account
	// LastLogin is nil for a user who has never logged in, and if the calling account may
	// not see it.
	LastLogin *time.Time `json:"lastLogin"`
}
