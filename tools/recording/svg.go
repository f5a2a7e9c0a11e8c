// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

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

// draw returns an SVG of a terminal window that shows the lines. Every text is
// stretched to its columns, so that frames close in any font.
func draw(title string, lines [][]span) string {
	columns := columnsLeast
	for _, line := range lines {
		wide := 0
		for _, s := range line {
			wide += utf8.RuneCountInString(s.text)
		}
		columns = max(columns, wide)
	}
	width := 2*margin + columnWide*float64(columns)
	height := titleHigh + lineHigh*len(lines) + margin

	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]g %[2]d" width="%[1]g" height="%[2]d" role="img">
<title>%[3]s</title>
<style>
text { font: %[4]dpx ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e6edf3; white-space: pre }
.bold { font-weight: 600 }
.faint { opacity: 0.7 }
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
`, width, height, html.EscapeString(title), fontSize)
	for i, line := range lines {
		y := titleHigh + lineHigh*i + fontSize
		column := 0
		for _, s := range line {
			wide := utf8.RuneCountInString(s.text)
			if strings.TrimSpace(s.text) != "" {
				fmt.Fprintf(&svg, `<text x="%.1f" y="%d" textLength="%.1f"%s xml:space="preserve">%s</text>`+"\n",
					margin+columnWide*float64(column), y, columnWide*float64(wide), s.style.class(), html.EscapeString(s.text))
			}
			column += wide
		}
	}
	svg.WriteString("</svg>\n")
	return svg.String()
}

// class is the attribute of that name, or "".
func (s style) class() string {
	var names []string
	if s.bold {
		names = append(names, "bold")
	}
	if s.faint {
		names = append(names, "faint")
	}
	if s.underlined {
		names = append(names, "underlined")
	}
	switch s.colour {
	case "30", "90":
		names = append(names, "grey")
	case "31", "91":
		names = append(names, "red")
	case "32", "92":
		names = append(names, "green")
	case "33", "93":
		names = append(names, "yellow")
	case "34", "94":
		names = append(names, "blue")
	case "35", "95":
		names = append(names, "magenta")
	case "36", "96":
		names = append(names, "cyan")
	}
	if len(names) == 0 {
		return ""
	}
	return ` class="` + strings.Join(names, " ") + `"`
}
