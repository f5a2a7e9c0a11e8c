// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table_test

import (
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// TestOptional_decodesAsAPointer compares an optional text with what
// encoding/json makes of a *string.
func TestOptional_decodesAsAPointer(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, `{"Text":null}`, `{"Text":""}`, `{"Text":"null"}`, `{"Text":"a text"}`, `{"Text":"é 日本語"}`,
		`{"Text":"a\nb"}`, `{"Text":"\u00e9\ud83d\ude00"}`,
		`{"Text":"\ud83d"}`, "{\"Text\":\"\xff\"}", `{"Text":"\\"}`, `{"Text":1}`, `{"Text":true}`, `{"Text":["a"]}`, `{"Text":{"Text":"a"}}`,
	} {
		var want struct{ Text *string }
		wantErr := json.Unmarshal([]byte(text), &want)
		got := struct{ Text table.Text }{table.Some("from before")}
		err := json.Unmarshal([]byte(text), &got)
		if text == `{}` {
			want.Text = new("from before")
		}
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%s: error %v, a pointer gives %v", text, err, wantErr)
		}
		if err == nil && !reflect.DeepEqual(got.Text.Pointer(), want.Text) {
			t.Errorf("%s: %+v", text, got)
		}
		again, _ := json.Marshal(got)
		if wanted, _ := json.Marshal(want); err == nil && string(again) != string(wanted) {
			t.Errorf("%s is encoded as %s, want %s", text, again, wanted)
		}
	}
}
