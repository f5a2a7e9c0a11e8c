// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"slices"
	"strings"
	"time"
)

// The permissions that the routes ask for, of sessions, users and settings, and
// the rate limiter.
const (
	PermissionView            = "view-device-management"
	PermissionLogout          = "logout-device-management"
	PermissionViewRoom        = "view-d-room"
	PermissionViewFullInfo    = "view-full-other-user-info"
	PermissionViewOutsideRoom = "view-outside-room"
	PermissionBypassLimit     = "api-bypass-rate-limit"
	PermissionViewSettings    = "view-privileged-setting"
)

// DefaultTOTPSecret is the secret of every default account that has one: the
// key of the test vectors in RFC 6238.
const DefaultTOTPSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// DefaultPassword is the password of every default account that has one.
const DefaultPassword = "synthetic-password-1"

// Account is a user of the workspace who can call the API.
type Account struct {
	UserID   string
	Username string
	Name     string
	// Token goes into X-Auth-Token.
	Token string
	// Tokens are further tokens of the same user.
	Tokens []AuthToken
	// Permissions are what the account may do, unless nil, whatever its roles hold.
	Permissions []string
	// Roles are the ids of the account's roles, as the lists of users show them, unless
	// [Options.Users] says otherwise. The account may do what they hold; if they are nil,
	// what the roles of its user hold.
	Roles []string
	// TOTPSecret is base32; empty for an account without TOTP.
	TOTPSecret string
	Email      string
	// EmailTwoFactor turns on the second factor by e-mail.
	EmailTwoFactor bool
	// Password is in clear text; empty for an account without one.
	Password string
	// BackupCodes replace a TOTP code once each; they have eight characters.
	BackupCodes []string
	// CreatedAgo is how long before the workspace started the user registered;
	// zero is long ago.
	CreatedAgo time.Duration
	// NoUsername is a user document without username, which 8.6.1 trips over.
	NoUsername bool
}

// AuthToken is a further token of an account.
type AuthToken struct {
	// Name distinguishes the tokens of an account.
	Name  string
	Token string
	// BypassTwoFactor is a personal access token made with "ignore two factor".
	BypassTwoFactor bool
}

// TokenOf is the account's token of that name, empty when there is none.
func (a Account) TokenOf(name string) string {
	for _, token := range a.Tokens {
		if token.Name == name {
			return token.Token
		}
	}
	return ""
}

// DefaultAccounts is the cast of a workspace. Whoever has no role of administrator is
// rate limited. Each has the further tokens login2, pat and patbypass.
func DefaultAccounts() []Account {
	admin, viewer := []string{RoleUser, RoleAdmin}, []string{RoleUser, RoleDeviceViewer}
	const secret, password = DefaultTOTPSecret, DefaultPassword
	accounts := []Account{
		{Username: "none", Roles: admin}, // has neither password nor second factor
		{Username: "totp", Roles: admin, Password: password, TOTPSecret: secret, BackupCodes: []string{"BACKUP01", "BACKUP02"}},
		{Username: "email", Roles: admin, Password: password, EmailTwoFactor: true},
		{Username: "both", Roles: admin, Password: password, TOTPSecret: secret, EmailTwoFactor: true},
		{Username: "password", Roles: admin, Password: password},
		{Username: "fresh", Roles: admin, Password: password, CreatedAgo: time.Minute},
		{Username: "nousername", Roles: admin, NoUsername: true},
		{Username: "noperm"},
		{Username: "viewonly", Roles: viewer}, // lists sessions and users
		{Username: "viewer2", Roles: viewer},
		{Username: "viewtotp", Roles: viewer, TOTPSecret: secret},
		{Username: "auditor", Roles: []string{RoleUser, RoleDeviceAuditor}}, // also sees the details that users.list keeps from others
		{Username: "guest", Roles: []string{RoleGuest, RoleDeviceViewer}},   // lists sessions and users, but lacks view-outside-room
		{Username: "deviceonly", Roles: []string{RoleDeviceViewer}},         // lists sessions, but no users
	}
	for i := range accounts {
		accounts[i].complete()
	}
	return accounts
}

// complete gives a member of the default cast what follows from username and
// roles: an id of 17 characters and tokens of 43, as Meteor makes them.
func (a *Account) complete() {
	a.UserID = ("synthUser" + a.Username + "00000000")[:17]
	a.Name = "User " + strings.ToUpper(a.Username[:1]) + a.Username[1:]
	if slices.Contains(a.Roles, RoleAdmin) {
		a.Name = strings.Replace(a.Name, "User", "Admin", 1)
	}
	a.Email = a.Username + "@example.invalid"
	token := func(name string) string {
		return (a.Username + "." + name + "-synthetic-token-" + strings.Repeat("0", 43))[:43]
	}
	a.Token = token("login")
	for _, name := range []string{"login2", "pat", "patbypass"} {
		a.Tokens = append(a.Tokens, AuthToken{Name: name, Token: token(name), BypassTwoFactor: name == "patbypass"})
	}
}
