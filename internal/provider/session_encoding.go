// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// result is the value of an attribute called name that holds all: the list
// itself, or an empty one where the server around the framework writes the
// sessions into the message.
func (l sessionList) result(ctx context.Context, name string, all []*sessions.Session) types.List {
	list := bulk.ListOf(ctx)
	if list == nil {
		return l.value(all)
	}
	*list = bulk.List{
		Attribute: name,
		Len:       len(all),
		Encode: func(enc *msgpack.Encoder, i int) error {
			w := &objectWriter{enc: enc}
			l.write(w, all[i])
			return w.err
		},
		TooLarge: func(size, most int) (string, string) { return tooManySessions(len(all), size, most) },
	}
	return l.value(nil)
}

// tooManySessions explains a result that Terraform would refuse with a message
// about gRPC.
func tooManySessions(count, size, most int) (summary, detail string) {
	const mebibyte = 1 << 20
	return "More sessions than Terraform can take in one result",
		fmt.Sprintf("%d sessions take %d MiB, and Terraform takes no result over %d MiB from a provider. "+
			"Ask for fewer: `limit`, with `offset` for the next part; `filter`, `match`, `exclude`, `within_cidrs`, `outside_cidrs`, "+
			"`logged_in_before` or `logged_in_after` for those that a rule is about; or `search`, which also makes the workspace send fewer.",
			count, size/mebibyte, most/mebibyte)
}

// objectWriter writes sessions as Terraform's MessagePack has them: objects as
// maps, attributes in the order of their names. Its first error stays.
type objectWriter struct {
	enc *msgpack.Encoder
	err error
}

func (w *objectWriter) object(attributes int) {
	if w.err == nil {
		w.err = w.enc.EncodeMapLen(attributes)
	}
}

func (w *objectWriter) text(name string, value *string) {
	w.name(name)
	switch {
	case w.err != nil:
	case value == nil:
		w.err = w.enc.EncodeNil()
	default:
		w.err = w.enc.EncodeString(*value)
	}
}

func (w *objectWriter) name(name string) {
	if w.err == nil {
		w.err = w.enc.EncodeString(name)
	}
}

func (w *objectWriter) null() {
	if w.err == nil {
		w.err = w.enc.EncodeNil()
	}
}

func (w *objectWriter) session(s *sessions.Session) {
	w.object(8)
	w.name("device")
	w.device(s.Device)
	w.text("host", s.Host)
	w.text("id", s.ID)
	w.text("ip", s.IP)
	w.text("login_at", loginText(s.LoginAt))
	w.text("session_id", s.SessionID)
	w.name("user")
	w.user(s.User)
	w.text("user_id", s.UserID)
}

func (w *objectWriter) device(d *sessions.Device) {
	if d == nil {
		w.null()
		return
	}
	w.object(5)
	w.text("long_version", d.LongVersion.Pointer())
	w.text("name", d.Name.Pointer())
	w.name("os")
	w.os(d.OS.Pointer())
	w.text("type", d.Type.Pointer())
	w.text("version", d.Version.Pointer())
}

func (w *objectWriter) os(os *sessions.OS) {
	if os == nil {
		w.null()
		return
	}
	w.object(2)
	w.text("name", os.Name.Pointer())
	w.text("version", os.Version.Pointer())
}

func (w *objectWriter) user(u *sessions.User) {
	if u == nil {
		w.null()
		return
	}
	w.object(3)
	w.text("avatar_etag", u.AvatarETag.Pointer())
	w.text("name", u.Name.Pointer())
	w.text("username", u.Username.Pointer())
}

// loginText is a login time as Terraform users see it; nil for a missing one.
func loginText(at *time.Time) *string {
	if at == nil {
		return nil
	}
	text := at.UTC().Format(loginTime)
	return &text
}
