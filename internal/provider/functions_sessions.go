// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// The functions that take sessions: describe, device and summarize.

func describe() function.Function {
	return pureFunction{
		name: "describe",
		definition: function.Definition{
			Summary: "Describes a session in one line",
			MarkdownDescription: "Describes a session in one line for an error message, whichever fields are null: user, browser or app, " +
				"operating system, address, when it last connected, and the session ID. " + cleanText,
			Parameters: []function.Parameter{sessionParameter()},
			Return:     function.StringReturn{},
		},
		run: func(ctx context.Context, args function.ArgumentsData) (any, *function.FuncError) {
			session, err := sessionOf(ctx, args)
			return sanitize.Line(session.user() + ": " + session.connection()), err
		},
	}
}

func device() function.Function {
	return pureFunction{
		name: "device",
		definition: function.Definition{
			Summary: "Names the device of a session by a text that stays the same",
			MarkdownDescription: "Names the device of a session by a text that stays the same when the client connects again or is updated: the " +
				"user's ID, the browser or app, and the operating system, such as `2tTEqR7ZNMJ4HGGNa: Chrome on Windows`. It contains the ID " +
				"instead of the username, because users may change their usernames by default, and could take a known one. Compare it with " +
				"a file of known devices. " + cleanText,
			Parameters: []function.Parameter{sessionParameter()},
			Return:     function.StringReturn{},
		},
		run: func(ctx context.Context, args function.ArgumentsData) (any, *function.FuncError) {
			session, err := sessionOf(ctx, args)
			return sanitize.Line(session.device()), err
		},
	}
}

func summarize() function.Function {
	return pureFunction{
		name: "summarize",
		definition: function.Definition{
			Summary: "Summarizes sessions in a few lines",
			MarkdownDescription: "Summarizes sessions for an error message: one line for each user, those with the most sessions first, with the " +
				"newest session as `describe` describes it. If there are more users than `lines`, a last line counts the rest: " +
				"`… and 12 more sessions of 7 users`. Each line begins with two spaces, because Terraform wraps other lines of an error " +
				"message; without sessions, the text is empty. " + cleanText,
			Parameters: []function.Parameter{
				function.DynamicParameter{
					Name: "sessions", MarkdownDescription: "Sessions: `sessions` of a data source, or some of its elements.",
				},
				function.Int64Parameter{
					Name: "lines", MarkdownDescription: "Maximum number of users to list, 1 or more.",
				},
			},
			Return: function.StringReturn{},
		},
		run: func(ctx context.Context, args function.ArgumentsData) (any, *function.FuncError) {
			var encoded types.Dynamic
			var lines int64
			if err := args.Get(ctx, &encoded, &lines); err != nil {
				return nil, err
			}
			if lines < 1 {
				return nil, function.NewArgumentFuncError(1, fmt.Sprintf("%d lines are no summary. Set 1 or more, such as 20.", lines))
			}
			users, err := byUser(encoded)
			if err != nil {
				return nil, function.NewArgumentFuncError(0, "These are not sessions. Pass `sessions` of a data source, as in "+
					"`provider::rocketchat::summarize(data.rocketchat_workspace_sessions.all.sessions, 20)`.")
			}
			return summary(users, int(min(lines, int64(len(users))))), nil
		},
	}
}

// cleanText ends the description of a function that returns text of strangers.
const cleanText = "The text contains no control, bidirectional or zero-width characters, and nothing that a pipeline interprets as " +
	"a command."

func sessionParameter() function.Parameter {
	return function.DynamicParameter{
		Name:                "session",
		MarkdownDescription: "One session: an element of `sessions`, or a `rocketchat_workspace_session`.",
	}
}

func sessionOf(ctx context.Context, args function.ArgumentsData) (shownSession, *function.FuncError) {
	var encoded types.Dynamic
	if err := args.Get(ctx, &encoded); err != nil {
		return shownSession{}, err
	}
	session, err := decodeSession(encoded)
	if err != nil {
		return shownSession{}, function.NewArgumentFuncError(0, "This is not a session. Pass one element of `sessions` at a time, as in "+
			"`[for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::describe(s)]`.")
	}
	return session, nil
}
