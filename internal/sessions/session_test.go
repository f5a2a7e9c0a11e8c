// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// TestFields_partsCompareByValue decodes the same parts twice: equal texts at other
// addresses.
func TestFields_partsCompareByValue(t *testing.T) {
	t.Parallel()
	const row = `{"device":{"type":"a","name":"b","version":"c","longVersion":"d",` +
		`"os":{"name":"e","version":"f"}},"_user":{"username":"g","name":"h","avatarETag":"i"}}`
	var a, b sessions.Session
	for _, s := range []*sessions.Session{&a, &b} {
		if err := json.Unmarshal([]byte(row), s); err != nil {
			t.Fatal(err)
		}
	}
	if *a.Device != *b.Device || *a.User != *b.User {
		t.Errorf("%+v is not %+v", a, b)
	}
	b.Device.OS = table.Some(sessions.OS{})
	if *a.Device == *b.Device {
		t.Error("a device without an operating system's name equals one with it")
	}
}
