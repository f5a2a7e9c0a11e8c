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
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// insteadOfField ends the sentence about an unknown key of match or exclude.
func (l sessionList) insteadOfField(key string) string {
	valid := table.MatchKeys(l.fields)
	argument := synonymOf(key, []string{"user_roles", "user_permissions", "user_types", "user_active", "user_deleted"})
	if argument != "" && l.everybody {
		return fmt.Sprintf("; to select by account, use `%s`. The keys are %s.", argument, quotedNames(valid, "and"))
	}
	return insteadOfKey(key, "`%s`", valid, table.SortKeys(sessions.Fields())) + "."
}

// insteadOfOrder ends the sentence about an unknown sort key, which follows minus.
func (l sessionList) insteadOfOrder(key, minus string) string {
	// "login_at desc" and "login_at:asc" are how other languages write it.
	words := strings.FieldsFunc(key, func(r rune) bool { return r == ' ' || r == ':' || r == ',' })
	if len(words) == 2 {
		key = words[0]
		if strings.HasPrefix(strings.ToLower(words[1]), "desc") {
			minus = "-"
		}
	}
	return insteadOfKey(key, `"`+minus+`%s"`, table.SortKeys(l.fields), table.SortKeys(sessions.Fields())) +
		"; a leading minus, as in \"-login_at\", sorts in descending order."
}

// insteadOfKey continues the sentence about an unknown key with the likely one of all, as the
// format writes it, and with the valid ones.
func insteadOfKey(key, format string, valid, all []string) string {
	hint := "."
	switch likely := nearest(key, all); {
	case slices.Contains(valid, likely):
		hint = "; did you mean " + fmt.Sprintf(format, likely) + "?"
	case likely == sessions.LoginAt:
		hint = "; to select by time, use `logged_in_before` and `logged_in_after`."
	case likely != "":
		hint = ": the account's own sessions do not name their user."
	}
	return hint + " The keys are " + quotedNames(valid, "and")
}

// didYouMean ends a sentence about an unknown name with those of the workspace that are
// similar, at most so many.
func didYouMean(unknown string, names []string, most int) string {
	likely := similar(unknown, names)
	if len(likely) == 0 || likely[0] == unknown {
		return "."
	}
	var quoted []string
	for _, name := range likely[:min(len(likely), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", sanitize.Line(name)))
	}
	return "; did you mean " + strings.Join(quoted, " or ") + "?"
}

// nearest returns the most likely of the keys for an unknown one: by path in the session
// object, by synonym, by similarity, or by similarity to a synonym; else empty.
func nearest(unknown string, keys []string) string {
	for _, field := range sessions.Fields() {
		if field.Path == strings.ToLower(unknown) && slices.Contains(keys, field.Key) {
			return field.Key
		}
	}
	if synonym := synonymOf(unknown, keys); synonym != "" {
		return synonym
	}
	if likely := similar(unknown, keys); len(likely) > 0 {
		return likely[0]
	}
	folded := fold(unknown)
	for _, key := range keys {
		if len(folded) > 3 && slices.ContainsFunc(synonyms()[key], func(s string) bool { return levenshtein.Distance(folded, s, nil) < 2 }) {
			return key
		}
	}
	return ""
}

// synonymOf returns the one of names that a word stands for; else empty.
func synonymOf(word string, names []string) string {
	for _, name := range names {
		if slices.Contains(synonyms()[name], fold(word)) {
			return name
		}
	}
	return ""
}

// similar returns the names that an unknown one may be a misspelling or a part of, the most
// similar first.
func similar(unknown string, names []string) []string {
	folded := fold(unknown)
	distance := func(name string) int { return levenshtein.Distance(folded, fold(name), nil) }
	near := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		if folded == "" || len(name) > sanitize.MaxBytes {
			return true
		}
		longer := strings.Contains(fold(name), folded)
		shorter := len(name) > 3 && strings.HasPrefix(folded, fold(name))
		return distance(name) > max(2, len(folded)/3) && !longer && !shorter
	})
	slices.SortStableFunc(near, func(a, b string) int { return distance(a) - distance(b) })
	return near
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

// synonyms are other words, folded and each of them once, for a field, or for an argument that
// selects by what no field of a session contains.
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

		"user_roles":       {"role", "roles", "userrole", "userroles", "rolename", "rolenames"},
		"user_permissions": {"permission", "permissions", "userpermission", "userpermissions"},
		"user_types":       {"usertype", "usertypes"},
		"user_active":      {"active", "useractive", "deactivated", "inactive"},
		"user_deleted":     {"deleted", "userdeleted"},
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

// firstFew lists names from the workspace, at most ten of them.
func firstFew(names []string) string {
	const most = 10
	var shown []string
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, sanitize.Line(name))
	}
	list := strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}
