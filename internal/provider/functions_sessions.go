// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// The functions that take sessions: describe, device and summarize.

func describe() function.Function {
	return ofSession("describe", (*shownSession).describe, function.Definition{
		Summary: "Describes a session in one line",
		MarkdownDescription: "Describes a session in one line for an error message, whichever fields are null: user, browser or app, " +
			"operating system, address, when it last connected, and the session ID. " + cleanText,
	})
}

func device() function.Function {
	return ofSession("device", (*shownSession).device, function.Definition{
		Summary: "Names the device of a session by a text that stays the same",
		MarkdownDescription: "Names the device of a session by a text that stays the same when the client connects again or is updated: the " +
			"user's ID, the browser or app, and the operating system, such as `2tTEqR7ZNMJ4HGGNa: Chrome on Windows`. It contains the ID " +
			"instead of the username, because users may change their usernames by default, and could take a known one. Compare it with " +
			"a file of known devices. " + cleanText,
	})
}

// ofSession is a function that returns a text about one session.
func ofSession(name string, text func(*shownSession) string, definition function.Definition) function.Function {
	definition.Parameters = []function.Parameter{function.DynamicParameter{
		Name: "session", MarkdownDescription: "One session: an element of `sessions`, or a `rocketchat_workspace_session`.",
	}}
	definition.Return = function.StringReturn{}
	run := func(ctx context.Context, args function.ArgumentsData) (any, *function.FuncError) {
		var encoded types.Dynamic
		if err := args.Get(ctx, &encoded); err != nil {
			return nil, err
		}
		var session shownSession
		dec, err := decoderOf(encoded)
		if err == nil {
			err = session.read(dec)
		}
		if err != nil {
			return nil, function.NewArgumentFuncError(0, "This is not a session. Pass one element of `sessions` at a time, as in "+
				"`[for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::describe(s)]`.")
		}
		return sanitize.Line(text(&session)), nil
	}
	return pureFunction{name, definition, run}
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

// shownSession is what functions show of a session. A text is empty if it is missing or
// null.
type shownSession struct {
	sessionID, userID, ip, loginAt            string
	username, name                            string
	client, clientType, version, os, osNumber string
	userDeleted                               bool
}

// field is the place of a text, nil for one that is not shown.
func (s *shownSession) field(path string) *string {
	switch path {
	case "session_id":
		return &s.sessionID
	case "user_id":
		return &s.userID
	case "ip":
		return &s.ip
	case "login_at":
		return &s.loginAt
	case "user.username":
		return &s.username
	case "user.name":
		return &s.name
	case "device.name":
		return &s.client
	case "device.type":
		return &s.clientType
	case "device.version":
		return &s.version
	case "device.os.name":
		return &s.os
	case "device.os.version":
		return &s.osNumber
	}
	return nil
}

// user names the user.
func (s *shownSession) user() string {
	if text := cmp.Or(part(s.username), part(s.name)); text != "" {
		return text
	}
	id := part(s.userID)
	switch {
	case id == "":
		return "unknown user"
	case s.userDeleted:
		return "deleted user " + id
	default:
		return "user " + id
	}
}

func (s *shownSession) describe() string { return s.user() + ": " + s.connection() }

// connection describes everything but the user.
func (s *shownSession) connection() string {
	line := cmp.Or(part(s.client+" "+s.version), part(s.clientType), "unknown client")
	if system := part(s.os + " " + s.osNumber); system != "" {
		line += " on " + system
	}
	line += ", from " + cmp.Or(part(s.ip), "an unknown address")
	if at := part(s.loginAt); at != "" {
		line += ", last connected " + at
	}
	if id := part(s.sessionID); id != "" {
		line += ", session " + id
	}
	return line
}

// device names the device: by the user's ID, because users may change their usernames.
func (s *shownSession) device() string {
	return cmp.Or(part(s.userID), s.user()) + ": " +
		cmp.Or(part(s.client), part(s.clientType), "unknown client") + " on " + cmp.Or(part(s.os), "an unknown system")
}

// part bounds a text of a stranger, so that it cannot push the others out of the line.
func part(text string) string {
	const most = 64
	return sanitize.Part(text, most)
}

// userSessions are the sessions of one user.
type userSessions struct {
	newest shownSession
	number int
}

// byUser groups sessions, those of the users with the most sessions first.
func byUser(encoded types.Dynamic) ([]*userSessions, error) {
	dec, err := decoderOf(encoded)
	if err != nil {
		return nil, err
	}
	n, err := dec.DecodeArrayLen()
	if err != nil || n < 0 {
		return nil, cmp.Or(err, errNoSession)
	}
	type key struct{ id, user string }
	index := map[key]*userSessions{}
	var users []*userSessions
	for range n {
		var session shownSession
		if err := session.read(dec); err != nil {
			return nil, err
		}
		of := key{id: session.userID}
		if of.id == "" {
			of.user = session.user()
		}
		user := index[of]
		if user == nil {
			user = &userSessions{newest: session}
			index[of] = user
			users = append(users, user)
		}
		user.number++
		if session.loginAt > user.newest.loginAt {
			user.newest = session
		}
	}
	slices.SortStableFunc(users, func(a, b *userSessions) int { return cmp.Compare(b.number, a.number) })
	return users, nil
}

// summary is a line for each of the first users, and one for the others.
func summary(users []*userSessions, listed int) string {
	lines := make([]string, 0, listed+1)
	for _, user := range users[:listed] {
		line := user.newest.user() + ": "
		if user.number > 1 {
			line += fmt.Sprintf("%d sessions, newest: ", user.number)
		}
		lines = append(lines, "  "+sanitize.Line(line+user.newest.connection()))
	}
	if others := users[listed:]; len(others) > 0 {
		sessions := 0
		for _, user := range others {
			sessions += user.number
		}
		lines = append(lines, fmt.Sprintf("  … and %s of %s", counted(sessions, "more session"), counted(len(others), "user")))
	}
	return strings.Join(lines, "\n")
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

var errNoSession = errors.New("the value is not a session")

// takesSessions reports whether the first argument of a function is a session or a list of
// them.
func takesSessions(name string) bool {
	return name == "describe" || name == "device" || name == "summarize"
}

// encodedSessions hands an argument through the framework as one text, its MessagePack:
// the framework would build two values of every field, which takes ten times as long and
// allocates 1.6 GB for 100,000 sessions (BenchmarkSummarize).
func encodedSessions(argument []byte) (*tfprotov6.DynamicValue, error) {
	encoded, err := msgpack.Marshal([]any{[]byte(`"string"`), string(argument)})
	return &tfprotov6.DynamicValue{MsgPack: encoded}, err
}

// decoderOf decodes an argument of [encodedSessions], and is behind its type.
func decoderOf(encoded types.Dynamic) (*msgpack.Decoder, error) {
	text, _ := encoded.UnderlyingValue().(types.String)
	dec := msgpack.NewDecoder(strings.NewReader(text.ValueString()))
	if n, err := dec.DecodeArrayLen(); err != nil || n != 2 {
		return nil, cmp.Or(err, errNoSession)
	}
	err := dec.Skip()
	return dec, err
}

// read reads an object that has the fields of a session, or some of them.
func (s *shownSession) read(dec *msgpack.Decoder) error {
	keys := 0
	err := s.decode(dec, "", &keys)
	if err == nil && keys != 2 {
		return errNoSession
	}
	return err
}

// decode reads the fields below a path, and counts those that every session has.
func (s *shownSession) decode(dec *msgpack.Decoder, parent string, keys *int) error {
	if code, err := dec.PeekCode(); err != nil || !isMap(code) {
		return cmp.Or(err, errNoSession)
	}
	n, err := dec.DecodeMapLen()
	if err != nil {
		return err
	}
	for range n {
		name, err := dec.DecodeString()
		if err != nil {
			return err
		}
		code, err := dec.PeekCode()
		if err != nil {
			return err
		}
		path := parent + name
		if path == "session_id" || path == "login_at" {
			*keys++
		}
		s.userDeleted = s.userDeleted || path == "user" && code == msgpcode.Nil
		text := s.field(path)
		switch {
		case isMap(code):
			err = s.decode(dec, path+".", keys)
		case text != nil && msgpcode.IsString(code):
			*text, err = dec.DecodeString()
		default:
			err = dec.Skip()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func isMap(code byte) bool {
	return msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32
}
