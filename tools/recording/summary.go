// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// summary runs the pipelines' gate over the simulated workspace, and returns
// the Markdown that it makes.
func summary(ctx context.Context) (markdown string, err error) {
	work, err := os.MkdirTemp("", "summary")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	plugins := filepath.Join(work, "plugins")
	install := exec.CommandContext(ctx, "make", "install", "PLUGIN_DIR="+plugins) //nolint:gosec // a folder of our own
	if output, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	cli, err := exec.CommandContext(ctx, "tools/cli.sh").Output()
	if err != nil {
		return "", fmt.Errorf("finding a CLI: %w", err)
	}
	if err := os.CopyFS(filepath.Join(work, "examples"), os.DirFS("examples")); err != nil {
		return "", err
	}
	workspace := rocketchattest.New(rocketchattest.Options{})
	server := httptest.NewServer(workspace)
	defer server.Close()
	account := workspace.Account("totp")

	gate := exec.CommandContext(ctx, "sh", "gate.sh", "../policies/gate")
	gate.Dir = filepath.Join(work, "examples", "pipelines")
	file := filepath.Join(work, "summary.md")
	gate.Env = append(os.Environ(), "TF="+strings.TrimSpace(string(cli)), "TF_CLI_ARGS_init=-plugin-dir="+plugins, "GATE_SUMMARY="+file,
		"ROCKETCHAT_URL="+server.URL, "ROCKETCHAT_USER_ID="+account.UserID, "ROCKETCHAT_AUTH_TOKEN="+account.Token,
		"ROCKETCHAT_TOTP_SECRET="+account.TOTPSecret, "GITHUB_ACTIONS=")
	output, err := gate.CombinedOutput()
	// Rules are broken, as they are to be.
	if gate.ProcessState == nil || gate.ProcessState.ExitCode() != 1 {
		return "", fmt.Errorf("running the gate: %w\n%s", err, output)
	}
	text, err := os.ReadFile(file) //nolint:gosec // what the gate has just written
	return string(text), err
}

var (
	tags = regexp.MustCompile(`</?[a-z]+>`)
	cell = regexp.MustCompile(` *\| *`)
)

// flat is the text of what the gate's filter has escaped and marked up.
func flat(text string) string { return html.UnescapeString(tags.ReplaceAllString(text, "")) }

// drawSummary returns an SVG of the Markdown that the gate's filter makes, as a
// page shows it: heading, table, and blocks of details, which it opens.
func drawSummary(markdown string) string {
	var (
		body    strings.Builder
		rows    [][]string
		y, wide = margin, 0
		code    bool
		text    = func(column int, class, text string) {
			wide = max(wide, column+utf8.RuneCountInString(text))
			fmt.Fprintf(&body, `<text x="%.1f" y="%d" class="%s" xml:space="preserve">%s</text>`+"\n",
				margin+columnWide*float64(column), y, class, html.EscapeString(text))
		}
		newline = func() { y += lineHigh + lineHigh/4 }
	)
	for line := range strings.Lines(markdown + "\n") {
		line = strings.TrimRight(line, "\n")
		if cells := cell.Split(strings.Trim(line, "| "), -1); strings.HasPrefix(line, "| ") {
			rows = append(rows, cells)
			continue
		}
		if strings.HasPrefix(line, "|") {
			continue
		}
		for i, column := range table(rows) {
			newline()
			for j, at := range column {
				text(at, map[bool]string{true: "bold"}[i == 0], flat(rows[i][j]))
			}
			fmt.Fprintf(&body, `<path d="M%d %dH2000" class="rule"/>`+"\n", margin, y+lineHigh/3)
		}
		rows = nil
		switch {
		case strings.HasPrefix(line, "## "):
			newline()
			text(0, "title", strings.TrimPrefix(line, "## "))
		case strings.HasPrefix(line, "<details>"):
			y += lineHigh
			newline()
			text(0, "", "▾ "+flat(line))
		case line == "<pre>" || line == "</pre>":
			code = !code
		case code:
			newline()
			text(2, "code", flat(line))
		}
	}
	return picture(2*margin+columnWide*float64(wide), y+2*margin, "The summary of a gate", `text { fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 }
.bold { font-weight: 600 }
.code { fill: #59636e }
.rule { stroke: #d1d9e0 }`, `<rect width="100%" height="100%" rx="8" fill="#ffffff" stroke="#d1d9e0"/>
`+body.String())
}

// table returns where the cells of each row begin, in columns.
func table(rows [][]string) [][]int {
	var widths [8]int
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(flat(text)))
		}
	}
	all := make([][]int, len(rows))
	for i, row := range rows {
		at := 0
		for j := range row {
			all[i] = append(all[i], at)
			at += widths[j] + 3
		}
	}
	return all
}
