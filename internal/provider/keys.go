// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// Terraform silently drops unknown keys of a nested attribute, so that a misspelled key
// would match everybody. Therefore, the keys of match, exclude and sort are data, and
// are checked here. Each function below validates and converts; it skips values that
// are unknown during a validation.

// patterns are the regular expressions of match or exclude, by key.
type patterns = map[string]*table.Pattern

// patterns reads match or exclude of a list of sessions.
func (l sessionList) patterns(configured types.Map, where path.Path) (patterns, diag.Diagnostics) {
	return patternsByKey(configured, where, l.matchKeys(), l.insteadOfField)
}

// patternsByKey reads match or exclude. It ignores a null expression; instead ends
// the sentence about an unknown key.
func patternsByKey(
	configured types.Map, where path.Path, keys []string, instead func(key string) string,
) (patterns, diag.Diagnostics) {
	var diags diag.Diagnostics
	byKey := make(patterns)
	for _, key := range slices.Sorted(maps.Keys(configured.Elements())) {
		at := where.AtMapKey(key)
		if !slices.Contains(keys, key) {
			diags.AddAttributeError(at, "Unknown key", fmt.Sprintf("`%s` has no key %q%s", where, key, instead(key)))
			continue
		}
		expression, _ := configured.Elements()[key].(regularExpression)
		diags.Append(expression.problems(at)...)
		if expression.value == nil {
			continue
		}
		var err error
		if key == sessions.IP {
			err = expression.value.CheckNetwork()
		}
		if err == nil && where.Equal(path.Root("exclude")) {
			err = expression.value.CheckExclude()
		}
		if err != nil {
			diags.AddAttributeError(at, "Unusable regular expression", predicate{}.detail(at, err))
		}
		byKey[key] = expression.value
	}
	return byKey, diags
}

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

// orders reads sort of a list of sessions.
func (l sessionList) orders(configured types.List, where path.Path) ([]table.Order, diag.Diagnostics) {
	return ordersByKey(configured, where, l.sortKeys(), "sessions", l.insteadOfOrder)
}

// ordersByKey reads sort: keys, with a minus in front for descending. rows names
// what is sorted; instead ends the sentence about an unknown key.
func ordersByKey(
	configured types.List, where path.Path, keys []string, rows string, instead func(key string, descending bool) string,
) ([]table.Order, diag.Diagnostics) {
	var diags diag.Diagnostics
	orders := make([]table.Order, 0, len(configured.Elements()))
	seen := make(map[string]path.Path)
	for i, element := range configured.Elements() {
		at := where.AtListIndex(i)
		text, _ := element.(types.String)
		if text.IsUnknown() {
			continue
		}
		key, descending := strings.CutPrefix(text.ValueString(), "-")
		first, twice := seen[key]
		switch {
		case text.IsNull():
			diags.AddAttributeError(at, "Unusable sort key", fmt.Sprintf("`%s` is null. Remove the element.", at))
		case !slices.Contains(keys, key):
			diags.AddAttributeError(at, "Unknown sort key", fmt.Sprintf("`%s`: %s cannot be sorted by %q%s",
				at, rows, text.ValueString(), instead(key, descending)))
		case twice:
			diags.AddAttributeError(at, "Sort key used twice",
				fmt.Sprintf("`%s`: the key %q is already at `%s`. Remove the second one.", at, key, first))
		default:
			seen[key] = at
			orders = append(orders, table.Order{Key: key, Descending: descending})
		}
	}
	return orders, diags
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

// networksOf reads a list of networks. It returns nil for null, and an empty slice for
// a list without elements.
func networksOf(configured types.List, where path.Path) (*[]netip.Prefix, diag.Diagnostics) {
	var diags diag.Diagnostics
	if configured.IsNull() {
		return nil, diags
	}
	prefixes := make([]netip.Prefix, 0, len(configured.Elements()))
	for i, element := range configured.Elements() {
		at := where.AtListIndex(i)
		written, _ := element.(network)
		if written.IsNull() {
			diags.AddAttributeError(at, "Unusable network", fmt.Sprintf("`%s` is null. Remove the element.", at))
		}
		diags.Append(written.problems(at)...)
		prefixes = append(prefixes, written.value)
	}
	return &prefixes, diags
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
