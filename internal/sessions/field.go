// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

// Field is a name that match, exclude and sort share.
type Field string

// The fields of a session that hold text.
const (
	FieldSessionID     Field = "session_id"
	FieldUserID        Field = "user_id"
	FieldUsername      Field = "username"
	FieldName          Field = "name"
	FieldDeviceType    Field = "device_type"
	FieldDeviceName    Field = "device_name"
	FieldDeviceVersion Field = "device_version"
	FieldOSName        Field = "os_name"
	FieldOSVersion     Field = "os_version"
	FieldHost          Field = "host"
	FieldIP            Field = "ip"
)

// LoginAt is the one key that sorts without being a [Field]: a time is
// compared, not matched by an expression.
const LoginAt = "login_at"

// Fields returns every field in documented order, as a slice of the caller's own.
func Fields() []Field {
	return []Field{
		FieldSessionID,
		FieldUserID,
		FieldUsername,
		FieldName,
		FieldDeviceType,
		FieldDeviceName,
		FieldDeviceVersion,
		FieldOSName,
		FieldOSVersion,
		FieldHost,
		FieldIP,
	}
}

// SortKeys returns what [Order.Key] may be: every field, then [LoginAt].
func SortKeys() []string {
	fields := Fields()
	keys := make([]string, 0, len(fields)+1)
	for _, field := range fields {
		keys = append(keys, string(field))
	}
	return append(keys, LoginAt)
}

// Value returns the text of a field. It is false where the server left the
// field out or sent null, and for a name that is no field.
func (s *Session) Value(field Field) (string, bool) {
	text := accessor(field)(s)
	if text == nil {
		return "", false
	}
	return *text, true
}

// accessor is resolved once a query, not once a session.
func accessor(field Field) func(*Session) *string {
	switch field {
	case FieldSessionID:
		return func(s *Session) *string { return s.SessionID }
	case FieldUserID:
		return func(s *Session) *string { return s.UserID }
	case FieldUsername:
		return ofUser(func(u *User) *Text { return &u.Username })
	case FieldName:
		return ofUser(func(u *User) *Text { return &u.Name })
	case FieldDeviceType:
		return ofDevice(func(d *Device) *Text { return &d.Type })
	case FieldDeviceName:
		return ofDevice(func(d *Device) *Text { return &d.Name })
	case FieldDeviceVersion:
		return ofDevice(func(d *Device) *Text { return &d.Version })
	case FieldOSName:
		return ofOS(func(os *OS) *Text { return &os.Name })
	case FieldOSVersion:
		return ofOS(func(os *OS) *Text { return &os.Version })
	case FieldHost:
		return func(s *Session) *string { return s.Host }
	case FieldIP:
		return func(s *Session) *string { return s.IP }
	default:
		return func(*Session) *string { return nil }
	}
}

func ofUser(text func(*User) *Text) func(*Session) *string {
	return func(s *Session) *string {
		if s.User == nil {
			return nil
		}
		return text(s.User).Pointer()
	}
}

func ofDevice(text func(*Device) *Text) func(*Session) *string {
	return func(s *Session) *string {
		if s.Device == nil {
			return nil
		}
		return text(s.Device).Pointer()
	}
}

func ofOS(text func(*OS) *Text) func(*Session) *string {
	return func(s *Session) *string {
		if s.Device == nil || s.Device.OS.Pointer() == nil {
			return nil
		}
		return text(s.Device.OS.Pointer()).Pointer()
	}
}
