// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package users decides which users of a workspace were asked for. It is pure;
// it knows neither the network nor Terraform.
package users

import (
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// User is an account of the workspace, as users.listByStatus and users.list
// send it, without what a policy needs not: e-mail addresses and services are
// never decoded. Every field but the id may be missing.
type User struct {
	ID       string        `json:"_id"`
	Username sessions.Text `json:"username"`
	Name     sessions.Text `json:"name"`
	// Account has type, roles and whether the user is active. Roles are missing
	// where the account that asked may not see them, too.
	sessions.Account
	// LastLogin is nil for a user who has never logged in, and for an account that
	// asked without the permission to see it.
	LastLogin *time.Time `json:"lastLogin"`
}

// Role is a role of the workspace. Its name is what administrators see; names
// may be equal, and a role that a user holds may be gone.
type Role struct {
	ID   string `json:"_id"`
	Name string `json:"name"`
	// Scope is Users for a role of the workspace, Subscriptions for one of rooms.
	Scope string `json:"scope"`
}
