// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSteady(t *testing.T) {
	t.Parallel()
	const output = "Every session of http://127.0.0.1:%s, in %s/demo\r\nRead complete after %s\n"
	fill := func(port, folder, took string) string {
		return strings.NewReplacer("%s,", port+",", "%s/", folder+"/", "after %s", "after "+took).Replace(output)
	}
	got, again := steady(fill("44007", "/tmp/tmp.4tYJHrDo1H", "0s")), steady(fill("3999", "/var/folders/x_1/T/tmp.AbC", "12s"))
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("two runs differ (-one +other):\n%s", diff)
	}
	if want := "Every session of http://127.0.0.1:3000, in /tmp/demo/demo\nRead complete after 0s\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// texts are the text elements of a picture: attributes, if there are any to look at, and content.
func texts(t *testing.T, picture string, attributes ...string) []string {
	t.Helper()
	var all []string
	for decoder := xml.NewDecoder(strings.NewReader(picture)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, picture)
		}
		element, ok := token.(xml.StartElement)
		if !ok || element.Name.Local != "text" {
			continue
		}
		var content string
		if err := decoder.DecodeElement(&content, &element); err != nil {
			t.Fatal(err)
		}
		for _, attribute := range slices.Backward(attributes) {
			for _, a := range element.Attr {
				if a.Name.Local == attribute {
					content = a.Value + "|" + content
				}
			}
		}
		all = append(all, content)
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	picture := draw("a & b", "\n\x1b[1m\x1b[31m╷\x1b[0m <Error>\n\n\n\n"+strings.Repeat("x", 100)+
		"\n\x1b[4;1mboth\x1b[2K of them\x1b[24m none\n\x1b[90mgrey\n   \nstill\x1b[38;5mrest\n")
	want := []string{
		"20.0|50|bold red|╷", "28.4|50| <Error>", "20.0|88|" + strings.Repeat("x", 100),
		"20.0|107|bold underlined|both", "53.6|107|bold underlined| of them", "120.8|107| none",
		"20.0|126|grey|grey", "20.0|164|grey|still", "62.0|164|rest",
	}
	if diff := cmp.Diff(want, texts(t, picture, "x", "y", "class")); diff != "" {
		t.Errorf("texts differ (-want +got):\n%s", diff)
	}
	if !strings.Contains(picture, `viewBox="0 0 880 189"`) || !strings.Contains(picture, "<title>a &amp; b</title>") {
		t.Errorf("the window does not fit 100 columns and 7 lines:\n%s", picture)
	}
}
