// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

func newWorkspaceSessionsDataSource() datasource.DataSource { return workspaceSessionsSource() }

// workspaceSessionsSource is also that of the ephemeral resource.
func workspaceSessionsSource() *dataSource {
	return &dataSource{
		name: "workspace_sessions", schema: workspaceSessionsSchema, model: func() model { return &workspaceSessionsModel{} },
	}
}

func workspaceSessionsSchema() schema.Schema {
	attributes := sessionsAttributes(workspaceSessions())
	maps.Copy(attributes, accountAttributes())
	return schema.Schema{
		MarkdownDescription: "Reads the login sessions of all users of the workspace, or those that the arguments select, " + completeByClient +
			"Requires the permission `view-device-management`, a premium license, Rocket.Chat 5.0 or later, and usually a second factor.",
		Attributes: attributes,
	}
}

// sessionsAttributes are the arguments and results for a list of sessions. The results
// have no nested attributes, whose contents mock_provider cannot fill in, and are not
// sets, whose cost is quadratic.
func sessionsAttributes(list sessionList) map[string]schema.Attribute {
	var matchedPaths []string
	for _, field := range table.Matchable(list.fields) {
		matchedPaths = append(matchedPaths, field.Path)
	}
	matchKeys := quotedNames(table.MatchKeys(list.fields), "and")
	return map[string]schema.Attribute{
		"filter": optionalText("Regular expression. The provider selects a session if any of these fields matches: " +
			quotedNames(matchedPaths, "or") + ". " + dialect + " If null or empty, the provider selects every session."),
		"match": optionalMap("Regular expressions by field. The provider selects a session if all of them match. The keys are " + matchKeys +
			". " + dialect + " If a session lacks the field, nothing matches, not even `.*`. An empty expression matches every session. `ip` is " +
			"matched as the workspace sends it, so that `^10\\.` misses `::ffff:10.1.2.3`: select networks with `within_cidrs` and " +
			"`outside_cidrs`. The provider ignores a key whose value is null. If null, the provider selects every session."),
		"exclude": optionalMap("Regular expressions by field, with the same keys as `match`. The provider omits a session if any of them " +
			"matches. An expression that matches the empty text, such as an empty one or `svc-a|`, is an error, because it would omit every " +
			"session: write null if there is nothing to omit, as in `username = length(x) == 0 ? null : \"^(${join(\"|\", x)})$\"`. To omit " +
			"every session that has a field, write `.*`. The provider ignores a key whose value is null. If null, the provider omits none."),
		"within_cidrs": optionalTexts("Networks in CIDR notation, IPv4 or IPv6. The provider selects a session if its address is in one of " +
			"them. If the address is a list, every address in it must be in one of the networks. An address that is missing or malformed is in " +
			"no network. " + behindProxies + "A network with host bits, such as `10.1.2.3/8`, is an error, and so is an empty list, which would " +
			"select no sessions. If null, the provider selects every session."),
		"outside_cidrs": optionalTexts("Networks in CIDR notation, IPv4 or IPv6. The provider selects a session if its address is in none of " +
			"them, is missing, or is malformed: exactly the sessions that `within_cidrs` with the same networks omits. " + behindProxies +
			"A network with host bits, such as `10.0.0.0/0`, is an error. If null or empty, the provider selects every session."),
		"logged_in_before": optionalText("Time in RFC 3339 format, such as `2026-01-31T00:00:00Z`. The provider selects the sessions that " +
			"last connected (`login_at`) before this time, exclusive. A session that has connected since is not among them, whenever it began. " +
			"A session without `login_at` counts as the oldest. " + remembered + " matches nothing and causes a warning. Conflicts with " +
			"`older_than`. Defaults to no bound."),
		"logged_in_after": optionalText("Time in RFC 3339 format, such as `2026-01-31T00:00:00Z`. The provider selects the sessions that " +
			"last connected (`login_at`) after this time, exclusive. A time that the workspace's clock has not reached is an error. It stops " +
			"reading at older sessions, which saves calls. " + remembered + " omits nothing and causes a warning. Conflicts with `newer_than`. " +
			"Defaults to no bound."),
		"older_than": optionalText("Duration, "+agesAreWritten+". The provider selects the sessions that have not connected for longer "+
			"than this. "+countedFrom+" A session without `login_at` counts as the oldest. "+remembered+" matches nothing and causes a "+
			"warning. Conflicts with `logged_in_before`. Defaults to no bound.",
			stringvalidator.ConflictsWith(path.MatchRoot("logged_in_before"))),
		"newer_than": optionalText("Duration, "+agesAreWritten+". The provider selects the sessions that last connected less than this "+
			"long ago. "+countedFrom+" It stops reading at older sessions, which saves calls. "+remembered+" omits nothing and causes a "+
			"warning. Conflicts with `logged_in_after`. Defaults to no bound.",
			stringvalidator.ConflictsWith(path.MatchRoot("logged_in_after"))),
		"device_version_below": optionalText("Version. The provider selects the sessions whose `device.version` is lower, " + versionsCompare +
			" " + boundsAreTexts + "Versions of different browsers or apps cannot be compared: without `device_name` in `match`, the provider " +
			"warns. Defaults to no bound."),
		"os_version_below": optionalText("Version. The provider selects the sessions whose `device.os.version` is lower, " + versionsCompare +
			" " + boundsAreTexts + "Versions of different operating systems cannot be compared: without `os_name` in `match`, the provider " +
			"warns. " + frozenVersions + " Defaults to no bound."),
		"beyond_per_user": optionalNumber("Number of sessions that each user may have. Of the sessions that pass all other arguments, the " +
			"provider omits this many of each user, the most recently connected, and selects the rest: the sessions to log out. If sessions " +
			"connected at the same time, their IDs decide. Sessions without a `user_id` count as those of one user. A client that connects " +
			"again during the read can be counted twice, by its previous session and its new one; a warning names up to ten such users. If " +
			"null, the provider omits none."),
		"search": optionalText("Text that the workspace itself searches for, so that it sends fewer pages. It does not replace `filter`: the "+
			"workspace takes the text literally and ignores case. It searches device name, device type, OS name, session ID and user ID, joined "+
			"without spaces"+list.searchReach+". It does not search addresses, hosts, versions or times. A search that finds nothing causes "+
			"a warning. If null, the provider reads all sessions.", stringvalidator.LengthAtLeast(1)),
		"sort": optionalTexts("Keys to sort the result by, the most significant first, such as `[\"user_id\", \"-login_at\"]`. A key with a " +
			"leading minus sorts in descending order. The keys are " + quotedNames(table.SortKeys(list.fields), "and") +
			". Text is compared by code point. A missing value is lower than all others. Session IDs break ties. If null or empty, the provider " +
			"sorts by `[\"-login_at\"]`: the most recently connected sessions come first."),
		"offset": optionalNumber("Number of sessions to skip at the beginning of the selected and sorted result. Defaults to `0`."),
		"limit": optionalNumber("Maximum number of sessions to return. With `0`, the result contains only `matched` and `total`, and the " +
			"state contains no personal data. In the default order and without other arguments that select, the provider reads only as many " +
			"sessions as it needs. If null, the provider returns all."),
		"sessions": resultRows(list.fields,
			"The sessions; never null. The table [below](#fields-of-a-session) describes the fields of a session."),
		"total":   resultNumber("Number of sessions that the workspace reports, after `search` and before all other arguments." + list.emptyList),
		"matched": resultNumber("Number of sessions that pass all arguments except `offset` and `limit`."),
	}
}

const (
	completeByClient = "in a deterministic order. " +
		"`login_at` is the time when a session's client last connected, not when the session began. " +
		"The result is complete by client: every app or browser that is logged in during the whole read is in it, by its old connection " +
		"or a new one. If the provider cannot prove this, the read fails. "
	agesAreWritten = "such as `30d`, `12h` or `1d12h`: a Go duration that can begin with days"
	countedFrom    = "The provider counts from the workspace's time at the read, which is the same for all that share the read, " +
		"or from this machine's time if the workspace does not send its own. " + clocksContradict
	clocksContradict = "If the two differ by more than two minutes, a warning names both, and a time that a login or the rate limit " +
		"shows to be wrong does not count; if neither can be right, the read fails."
	versionsCompare = "compared number by number, so `9` is below `113.0.5`. " +
		"A version that is missing or malformed, such as `XP`, counts as the lowest. See the table [below](#how-versions-are-compared)."
	dialect = "The syntax is [RE2](https://github.com/google/re2/wiki/Syntax), unanchored, case-insensitive unless the expression " +
		"begins with `(?-i)`, compared in Unicode normal form C. White space at an end of the expression or of an alternative, and a " +
		"line break, are errors; write `[ ]` or `\\s` for white space that is meant."
	behindProxies = "Behind a reverse proxy, the workspace reports the proxy's address for every client, unless Rocket.Chat's environment " +
		"variable `HTTP_FORWARDED_COUNT` is the number of proxies. If that number is too high, a client can choose its address. "
	boundsAreTexts = "Write it in quotes, as numbers with dots: Terraform converts a number before the provider sees it, so that `4.50` " +
		"arrives as `4.5`. `0` is an error, because no version is lower. "
	frozenVersions = "Browsers report a frozen version of the operating system: every browser on macOS says 10.15.7, every browser on " +
		"Windows 11 says 10, and an iPad says macOS. Only apps report the real version: also set `device_type = \"-app$\"` in `match`."
	remembered = "The workspace deletes a session that has not connected for about 46 days, so a bound further back"
)
