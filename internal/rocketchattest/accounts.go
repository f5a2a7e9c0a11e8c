// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The permissions that the session routes ask for.
const (
	PermissionView        = "view-device-management"
	PermissionLogout      = "logout-device-management"
	PermissionBypassLimit = "api-bypass-rate-limit"
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
	// Permissions are those of the account's roles.
	Permissions []string
	// Roles are the ids of the account's roles, as the lists of users show them.
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
	// Name tells the tokens of an account apart.
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

// can tells whether the account holds a permission.
func (a *Account) can(permission string) bool {
	return slices.Contains(a.Permissions, permission)
}

// DefaultAccounts is the cast of a workspace:
//
//   - none, an administrator without password and second factor
//   - totp, email, both, password: administrators with that second factor
//   - fresh, an administrator with a password, registered a minute ago
//   - nousername, an administrator whose document lacks the username
//   - noperm, a user without permissions
//   - viewonly, viewer2: may list sessions and users, and are rate limited
//   - viewtotp: the same behind TOTP
//   - auditor: the same, and sees the details that users.list keeps from others
//   - guest: may list sessions and users, but lacks view-outside-room
//   - deviceonly: may list sessions, but no users
//
// totp and email have the further tokens login2, pat and patbypass, password
// has patbypass.
func DefaultAccounts() []Account {
	admin := grant{
		permissions: []string{
			PermissionView, PermissionLogout, PermissionBypassLimit,
			PermissionViewRoom, PermissionViewFullInfo, PermissionViewOutsideRoom,
		},
		roles: []string{RoleUser, RoleAdmin},
	}
	view := grant{
		permissions: []string{PermissionView, PermissionViewRoom, PermissionViewOutsideRoom},
		roles:       []string{RoleUser, RoleDeviceViewer},
	}
	auditor := grant{
		permissions: append(slices.Clone(view.permissions), PermissionViewFullInfo),
		roles:       []string{RoleUser, RoleDeviceAuditor},
	}
	guest := grant{
		permissions: []string{PermissionView, PermissionViewRoom},
		roles:       []string{RoleGuest, RoleDeviceViewer},
	}
	deviceOnly := grant{permissions: []string{PermissionView}, roles: []string{RoleDeviceViewer}}

	totp := account("totp", admin, "login2", "pat", "patbypass")
	totp.TOTPSecret = DefaultTOTPSecret
	totp.BackupCodes = []string{"BACKUP01", "BACKUP02"}
	totp.Password = DefaultPassword

	email := account("email", admin, "login2", "pat", "patbypass")
	email.EmailTwoFactor = true
	email.Password = DefaultPassword

	both := account("both", admin)
	both.TOTPSecret = DefaultTOTPSecret
	both.EmailTwoFactor = true
	both.Password = DefaultPassword

	password := account("password", admin, "patbypass")
	password.Password = DefaultPassword

	fresh := account("fresh", admin)
	fresh.Password = DefaultPassword
	fresh.CreatedAgo = time.Minute

	nousername := account("nousername", admin)
	nousername.NoUsername = true

	viewtotp := account("viewtotp", view)
	viewtotp.TOTPSecret = DefaultTOTPSecret

	return []Account{
		account("none", admin), totp, email, both, password, fresh, nousername,
		account("noperm", grant{}), account("viewonly", view), account("viewer2", view), viewtotp,
		account("auditor", auditor), account("guest", guest), account("deviceonly", deviceOnly),
	}
}

// grant is what an account may do, and the roles that allow it.
type grant struct{ permissions, roles []string }

// account is a member of the default cast: ids of 17 characters and tokens of
// 43, as Meteor makes them.
func account(name string, g grant, tokens ...string) Account {
	a := Account{
		UserID:      (fmt.Sprintf("synthUser%s", name) + "00000000")[:17],
		Username:    name,
		Name:        "Admin " + strings.ToUpper(name[:1]) + name[1:],
		Token:       syntheticToken(name, "login"),
		Permissions: g.permissions,
		Roles:       g.roles,
		Email:       name + "@example.invalid",
	}
	if !a.can(PermissionBypassLimit) {
		a.Name = "User " + strings.ToUpper(name[:1]) + name[1:]
	}
	for _, token := range tokens {
		a.Tokens = append(a.Tokens, AuthToken{
			Name:            token,
			Token:           syntheticToken(name, token),
			BypassTwoFactor: token == "patbypass",
		})
	}
	return a
}

func syntheticToken(account, token string) string {
	const length = 43
	s := account + "." + token + "-synthetic-token-"
	return s + strings.Repeat("0", length-len(s))
}
