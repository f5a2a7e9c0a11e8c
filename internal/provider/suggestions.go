// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// insteadOfField ends the sentence about an unknown key of match or exclude.
func (l sessionList) insteadOfField(key string) string {
	valid := l.matchKeys()
	var hint string
	argument := accountArgument(key)
	switch likely := nearest(key, workspaceSessions().sortKeys()); {
	case argument != "" && slices.Contains(valid, "username"):
		hint = fmt.Sprintf("; to select by account, use `%s`.", argument)
	case slices.Contains(valid, likely):
		hint = fmt.Sprintf("; did you mean `%s`?", likely)
	case likely == sessions.LoginAt:
		hint = "; to select by time, use `logged_in_before` and `logged_in_after`."
	case likely != "":
		hint = ": the account's own sessions do not name their user."
	default:
		hint = "."
	}
	return hint + " The keys are " + quotedNames(valid, "and") + "."
}

// accountArgument is the argument for what only the list of users says about a session's user.
func accountArgument(key string) string {
	switch fold(key) {
	case "role", "roles", "userrole", "userroles", "rolename", "rolenames":
		return "user_roles"
	case "permission", "permissions", "userpermission", "userpermissions":
		return "user_permissions"
	case "usertype", "usertypes":
		return "user_types"
	case "active", "useractive", "deactivated", "inactive":
		return "user_active"
	case "deleted", "userdeleted":
		return "user_deleted"
	default:
		return ""
	}
}

// insteadOfOrder ends the sentence about an unknown sort key.
func (l sessionList) insteadOfOrder(key string, descending bool) string {
	hint := "."
	// "login_at desc" and "login_at:asc" are how other languages write it.
	words := strings.FieldsFunc(key, func(r rune) bool { return r == ' ' || r == ':' || r == ',' })
	if len(words) == 2 {
		key, descending = words[0], descending || strings.HasPrefix(strings.ToLower(words[1]), "desc")
	}
	switch likely := nearest(key, workspaceSessions().sortKeys()); {
	case slices.Contains(l.sortKeys(), likely) && descending:
		hint = fmt.Sprintf("; did you mean %q?", "-"+likely)
	case slices.Contains(l.sortKeys(), likely):
		hint = fmt.Sprintf("; did you mean %q?", likely)
	case likely != "":
		hint = ": the account's own sessions do not name their user."
	}
	return hint + " The keys are " + quotedNames(l.sortKeys(), "and") + "; a leading minus, as in \"-login_at\", sorts in descending order."
}

// insteadOfUserKey ends the sentence about an unknown key.
func insteadOfUserKey(key, minus string, keys []string) string {
	return didYouMean(key, minus, keys) + " The keys are " + quotedNames(keys, "and") + "."
}

// didYouMean ends a sentence about an unknown name, which follows prefix.
func didYouMean(unknown, prefix string, names []string) string {
	if likely := nearest(unknown, names); likely != "" && likely != unknown {
		return fmt.Sprintf("; did you mean %q?", prefix+sanitize.Line(likely))
	}
	return "."
}

// nearest returns the most likely of names for an unknown one: by path in the session
// object, by spelling, by synonym, or by edit distance; else empty.
func nearest(unknown string, names []string) string {
	for _, field := range sessions.Fields() {
		if field.Path == strings.ToLower(unknown) && slices.Contains(names, field.Key) {
			return field.Key
		}
	}
	folded := fold(unknown)
	if folded == "" {
		return ""
	}
	others := synonyms()
	// Synonyms come before similar names, and allow a smaller edit distance.
	for _, name := range names {
		if slices.Contains(others[name], folded) {
			return name
		}
	}
	best, distance := "", max(2, len(folded)/3)+1
	for _, name := range names {
		if d := levenshtein.Distance(folded, fold(name), nil); d < distance {
			best, distance = name, d
		}
	}
	if best != "" || len(folded) < 4 {
		return best
	}
	for _, name := range names {
		if slices.ContainsFunc(others[name], func(other string) bool { return levenshtein.Distance(folded, other, nil) < 2 }) {
			return name
		}
	}
	return ""
}

// fold removes the differences between spellings of a name.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// synonyms are other words for a field, folded, each of them once.
func synonyms() map[string][]string {
	return map[string][]string{
		"session_id":     {"id", "session", "sid"},
		"user_id":        {"uid", "owner", "userids"},
		"username":       {"user", "users", "account", "handle"},
		"name":           {"displayname", "fullname", "realname"},
		"device_type":    {"type", "kind"},
		"device_name":    {"device", "browser", "client", "app", "useragent"},
		"device_version": {"version", "browserversion", "clientversion", "appversion"},
		"os_name":        {"os", "operatingsystem", "platform", "system"},
		"os_version":     {"platformversion", "systemversion"},
		"host":           {"hostname", "server", "domain"},
		"ip":             {"address", "ipaddress", "addr", "clientip", "remoteaddress", "network", "cidr"},
		sessions.LoginAt: {"login", "time", "date", "age", "lastlogin", "loggedin", "connected", "lastseen"},
	}
}

// quotedNames lists at least two names: `a`, `b` or `c`.
func quotedNames(names []string, conjunction string) string {
	code := make([]string, 0, len(names))
	for _, name := range names {
		code = append(code, "`"+name+"`")
	}
	last := len(code) - 1
	return strings.Join(code[:last], ", ") + " " + conjunction + " " + code[last]
}
