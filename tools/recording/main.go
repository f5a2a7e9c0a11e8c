// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Recording runs "make demo" and draws what it prints as a terminal in SVG.
// The same output gives the same picture: ports, paths and durations are
// replaced. See "make recording".
//
//	go run ./tools/recording > .github/demo.svg
package main

import (
	"context"
	"fmt"
	"html"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	command := exec.CommandContext(ctx, "tools/demo.sh")
	// Bold and red without a terminal.
	command.Env = append(os.Environ(), "CLICOLOR_FORCE=1", "NO_COLOR=")
	command.Stderr = os.Stderr
	output, err := command.Output()
	stop()
	if err != nil {
		log.Fatalf("running the demo: %v", err)
	}
	fmt.Print(draw("make demo", "\x1b[1m$ make demo\x1b[0m\n"+steady(string(output))))
}

// In pixels.
const (
	fontSize   = 14
	columnWide = 8.4
	lineHigh   = 19
	margin     = 20
	titleHigh  = 36
)

// columnsLeast keeps the window from looking like a column.
const columnsLeast = 80

// steady replaces what differs from one run of the demo to the next.
func steady(output string) string {
	for _, change := range [][2]string{
		{`http://127\.0\.0\.1:\d+`, "http://127.0.0.1:3000"},
		{`(?:/[\w.-]+)*/tmp\.\w+`, "/tmp/demo"},
		{`after \d+s`, "after 0s"},
		{`\r\n?`, "\n"},
	} {
		output = regexp.MustCompile(change[0]).ReplaceAllString(output, change[1])
	}
	return output
}

var (
	escape = regexp.MustCompile("\x1b\\[([0-9;]*)([A-Za-z])")
	blanks = regexp.MustCompile(`\n{3,}`)
	// classes are the styles that Terraform uses, by the code that begins them.
	classes = map[string]string{
		"1": "bold", "4": "underlined", "31": "red", "32": "green", "33": "yellow", "34": "blue", "35": "magenta", "36": "cyan", "90": "grey",
	}
)

// draw returns an SVG of a terminal window with what a program wrote to it. Every text is
// stretched to its columns, so that frames close in any font.
func draw(title, output string) string {
	var (
		body strings.Builder
		now  []string // the classes of the style
	)
	columns, lines := columnsLeast, strings.Split(blanks.ReplaceAllString(strings.TrimSpace(output), "\n\n"), "\n")
	for i, line := range lines {
		column := 0
		add := func(text string) {
			wide := utf8.RuneCountInString(text)
			if strings.TrimSpace(text) != "" {
				class := ""
				if len(now) > 0 {
					class = ` class="` + strings.Join(now, " ") + `"`
				}
				fmt.Fprintf(&body, `<text x="%.1f" y="%d" textLength="%.1f"%s xml:space="preserve">%s</text>`+"\n",
					margin+columnWide*float64(column), titleHigh+lineHigh*i+fontSize, columnWide*float64(wide), class, html.EscapeString(text))
			}
			column += wide
		}
		rest := 0
		for _, at := range escape.FindAllStringSubmatchIndex(line, -1) {
			add(line[rest:at[0]])
			rest = at[1]
			if line[at[4]:at[5]] == "m" {
				now = after(now, line[at[2]:at[3]])
			}
		}
		add(line[rest:])
		columns = max(columns, column)
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]g %[2]d" width="%[1]g" height="%[2]d" role="img">
<title>%[3]s</title>
<style>
text { font: %[4]dpx ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
text { fill: #e6edf3 }
.bold { font-weight: 600 }
.underlined { text-decoration: underline }
.red { fill: #ff7b72 }
.green { fill: #56d364 }
.yellow { fill: #e3b341 }
.blue { fill: #79c0ff }
.magenta { fill: #d2a8ff }
.cyan { fill: #56d4dd }
.grey { fill: #8b949e }
</style>
<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/>
<circle cx="40" cy="18" r="6" fill="#febc2e"/>
<circle cx="60" cy="18" r="6" fill="#28c840"/>
%[5]s</svg>
`, 2*margin+columnWide*float64(columns), titleHigh+lineHigh*len(lines)+margin, html.EscapeString(title), fontSize, body.String())
}

// after returns the classes that follow now by the codes of one sequence. One that begins no
// style ends all.
func after(now []string, codes string) []string {
	for code := range strings.SplitSeq(codes, ";") {
		class, begins := classes[code]
		if !begins {
			now = nil
			continue
		}
		now = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(now), class))))
	}
	return now
}
