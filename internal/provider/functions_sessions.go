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
	return ofSession("describe", shownSession.describe, function.Definition{
		Summary: "Describes a session in one line",
		MarkdownDescription: "Describes a session in one line for an error message, whichever fields are null: user, browser or app, " +
			"operating system, address, when it last connected, and the session ID. " + cleanText,
	})
}

func device() function.Function {
	return ofSession("device", shownSession.device, function.Definition{
		Summary: "Names the device of a session by a text that stays the same",
		MarkdownDescription: "Names the device of a session by a text that stays the same when the client connects again or is updated: the " +
			"user's ID, the browser or app, and the operating system, such as `2tTEqR7ZNMJ4HGGNa: Chrome on Windows`. It contains the ID " +
			"instead of the username, because users may change their usernames by default, and could take a known one. Compare it with " +
			"a file of known devices. " + cleanText,
	})
}

// ofSession is a function that returns a text about one session.
func ofSession(name string, text func(shownSession) string, definition function.Definition) function.Function {
	definition.Parameters = []function.Parameter{function.DynamicParameter{
		Name: "session", MarkdownDescription: "One session: an element of `sessions`, or a `rocketchat_workspace_session`.",
	}}
	definition.Return = function.StringReturn{}
	run := func(ctx context.Context, args function.ArgumentsData) (any, *function.FuncError) {
		var encoded types.Dynamic
		if err := args.Get(ctx, &encoded); err != nil {
			return nil, err
		}
		session := shownSession{}
		dec, err := decoderOf(encoded)
		if err == nil {
			err = session.read(dec)
		}
		if err != nil {
			return nil, function.NewArgumentFuncError(0, "This is not a session. Pass one element of `sessions` at a time, as in "+
				"`[for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::describe(s)]`.")
		}
		return sanitize.Line(text(session)), nil
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

// shownSession is what functions show of a session: its fields by their paths, empty for all
// that are no texts. An object has only the paths of its own fields, unless it is null.
type shownSession map[string]string

// user names the user.
func (s shownSession) user() string {
	if text := cmp.Or(part(s["user.username"]), part(s["user.name"])); text != "" {
		return text
	}
	id := part(s["user_id"])
	text, isNoObject := s["user"]
	switch {
	case id == "":
		return "unknown user"
	case isNoObject && text == "":
		return "deleted user " + id
	default:
		return "user " + id
	}
}

func (s shownSession) describe() string { return s.user() + ": " + s.connection() }

// connection describes everything but the user.
func (s shownSession) connection() string {
	line := cmp.Or(part(s["device.name"]+" "+s["device.version"]), part(s["device.type"]), "unknown client")
	if system := part(s["device.os.name"] + " " + s["device.os.version"]); system != "" {
		line += " on " + system
	}
	line += ", from " + cmp.Or(part(s["ip"]), "an unknown address")
	if at := part(s["login_at"]); at != "" {
		line += ", last connected " + at
	}
	if id := part(s["session_id"]); id != "" {
		line += ", session " + id
	}
	return line
}

// device names the device: by the user's ID, because users may change their usernames.
func (s shownSession) device() string {
	return cmp.Or(part(s["user_id"]), s.user()) + ": " +
		cmp.Or(part(s["device.name"]), part(s["device.type"]), "unknown client") + " on " + cmp.Or(part(s["device.os.name"]), "an unknown system")
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
	index := map[string]*userSessions{}
	var users []*userSessions
	session := shownSession{}
	for range n {
		if err := session.read(dec); err != nil {
			return nil, err
		}
		of := "ID " + session["user_id"]
		if session["user_id"] == "" {
			of = "name " + session.user()
		}
		user := index[of]
		if user == nil {
			user = &userSessions{}
			index[of] = user
			users = append(users, user)
		}
		user.number++
		if user.newest == nil || session["login_at"] > user.newest["login_at"] {
			user.newest, session = session, shownSession{}
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

// read replaces a session by the next object, which has the fields of one, or some of them.
func (s shownSession) read(dec *msgpack.Decoder) error {
	clear(s)
	err := s.decode(dec, "")
	_, hasID := s["session_id"]
	_, hasLogin := s["login_at"]
	if err == nil && (!hasID || !hasLogin) {
		return errNoSession
	}
	return err
}

// decode reads an object; parent is its path with a dot, unless it is the session.
func (s shownSession) decode(dec *msgpack.Decoder, parent string) error {
	n, err := dec.DecodeMapLen()
	if err != nil || n < 0 {
		return cmp.Or(err, errNoSession)
	}
	for range n {
		name, err := dec.DecodeString()
		if err != nil {
			return err
		}
		path := parent + name
		code, _ := dec.PeekCode() // whatever decodes the value has the same error
		switch {
		case isMap(code):
			err = s.decode(dec, path+".")
		case msgpcode.IsString(code):
			s[path], err = dec.DecodeString()
		default:
			s[path] = ""
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
