// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/xml"
	"errors"
	"io"
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

func TestParse(t *testing.T) {
	t.Parallel()
	got := parse(
		"\n\x1b[1m\x1b[31mError: \x1b[0mplain\n\n\n\n\x1b[1;4mboth\x1b[24m bold\x1b[22m\x1b[2Kon\n\x1b[90mgrey\x1b[39m\x1b[38;5mrest\n",
	)
	want := [][]span{
		{{"Error: ", style{bold: true, colour: "31"}}, {"plain", style{}}},
		nil,
		{{"both", style{bold: true, underlined: true}}, {" bold", style{bold: true}}, {"on", style{}}},
		{{"grey", style{colour: "90"}}, {"rest", style{}}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(span{}, style{})); diff != "" {
		t.Errorf("lines differ (-want +got):\n%s", diff)
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	picture := draw("a & b", [][]span{
		{{"╷", style{colour: "31"}}, {" <Error>", style{bold: true}}},
		nil,
		{{strings.Repeat("x", 100), style{}}},
	})
	var texts []string
	for decoder := xml.NewDecoder(strings.NewReader(picture)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, picture)
		}
		element, ok := token.(xml.StartElement)
		if !ok || element.Name.Local != "text" {
			continue
		}
		var text struct {
			X       string `xml:"x,attr"`
			Y       string `xml:"y,attr"`
			Class   string `xml:"class,attr"`
			Content string `xml:",chardata"`
		}
		if err := decoder.DecodeElement(&text, &element); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.Join([]string{text.X, text.Y, text.Class, text.Content}, "|"))
	}
	want := []string{"20.0|50|red|╷", "28.4|50|bold| <Error>", "20.0|88||" + strings.Repeat("x", 100)}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("texts differ (-want +got):\n%s", diff)
	}
	if !strings.Contains(picture, `viewBox="0 0 880 113"`) {
		t.Errorf("the window does not fit 100 columns and 3 lines:\n%s", picture)
	}
}

func TestDrawSummary(t *testing.T) {
	t.Parallel()
	picture := drawSummary("## One rule is broken\n\n| result | rule | finding |\n|---|---|---|\n" +
		"| ❌ broken | <code>data&#95;a</code> | a &#124; &lt;b&gt; |\n| ✅ passed | <code>c</code> |  |\n\n" +
		"<details><summary>❌ broken: <code>data_a</code></summary>\n\n<pre>\n  eve &amp; co\n</pre>\n\n</details>\n\n")
	var texts []string
	for decoder := xml.NewDecoder(strings.NewReader(picture)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, picture)
		}
		if element, ok := token.(xml.StartElement); ok && element.Name.Local == "text" {
			var content string
			if err := decoder.DecodeElement(&content, &element); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, content)
		}
	}
	want := []string{
		"One rule is broken", "result", "rule", "finding", "❌ broken", "data_a", "a | <b>", "✅ passed", "c",
		"▾ ❌ broken: data_a", "  eve & co",
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("texts differ (-want +got):\n%s", diff)
	}
}
