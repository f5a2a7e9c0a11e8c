// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Licenses lists the modules that are linked into the provider on any platform
// it is released for, with their licenses by SPDX identifier. It fails where
// there is no license, or one that it does not know.
//
//	go run ./tools/licenses                 prints the list
//	go run ./tools/licenses -notices FILE   writes all the texts, to lie beside a binary
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
)

func main() {
	log.SetFlags(0)
	file := flag.String("notices", "", "`file` to write the texts of all licenses to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	list, notices, err := run(ctx, ".")
	stop()
	switch {
	case err != nil:
	case *file == "":
		_, err = os.Stdout.WriteString(list)
	default:
		if err = os.MkdirAll(filepath.Dir(*file), 0o750); err == nil {
			err = os.WriteFile(*file, []byte(notices), 0o644) //nolint:gosec // G306: published with every release
		}
	}
	if err != nil {
		log.Fatal(err)
	}
}

// run returns the list of the modules that the package in dir needs, and every text of Go's and theirs once,
// below all that it applies to.
func run(ctx context.Context, dir string) (list, notices string, err error) {
	goItself, err := standardLibrary(ctx)
	if err != nil {
		return "", "", err
	}
	modules, err := linked(ctx, dir)
	if err != nil {
		return "", "", err
	}
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	texts, names := []string{}, map[string][]string{}
	for i, m := range append([]module{goItself}, modules...) {
		identifiers, err := m.licenses()
		if err != nil {
			return "", "", err
		}
		if i > 0 {
			fmt.Fprintln(table, strings.Replace(m.name, " ", "\t", 1)+"\t"+identifiers) //nolint:errcheck // into memory
		}
		for _, file := range slices.Sorted(maps.Keys(m.texts)) {
			text := m.texts[file]
			if names[text] == nil {
				texts = append(texts, text)
			}
			names[text] = append(names[text], m.name+": "+filepath.Base(file))
		}
	}
	notices = "The provider contains the following, each under the terms below it.\n"
	for _, text := range texts {
		notices += fmt.Sprintf("\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(names[text], "\n"), text)
	}
	err = table.Flush()
	return out.String(), notices, err
}

// module is one that is linked into the provider.
type module struct {
	// name is its path and version.
	name string
	// texts are its licenses and notices by file, those of its root and of the folders of the packages
	// that are used.
	texts map[string]string
}

func standardLibrary(ctx context.Context) (module, error) {
	output, err := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return module{}, err
	}
	root, version, _ := strings.Cut(strings.TrimSpace(string(output)), "\n")
	m := module{"The standard library of Go " + version, map[string]string{}}
	return m, m.read(root, root)
}

// linked returns the modules that the package in dir needs on any system of a release, by name.
func linked(ctx context.Context, dir string) ([]module, error) {
	const format = "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{$.Dir}}\t{{.Dir}}{{end}}{{end}}"
	found := map[string]module{}
	for _, system := range []string{"darwin", "freebsd", "linux", "windows"} {
		command := exec.CommandContext(ctx, "go", "list", "-deps", "-f", format, ".")
		command.Dir, command.Stderr = dir, os.Stderr
		command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH=amd64", "GOOS="+system)
		output, err := command.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", command, err)
		}
		for line := range strings.Lines(string(output)) {
			fields := strings.Split(strings.TrimSpace(line), "\t")
			if len(fields) < 3 {
				continue // of the standard library or the provider itself
			}
			if _, ok := found[fields[0]]; !ok {
				found[fields[0]] = module{fields[0], map[string]string{}}
			}
			if err := found[fields[0]].read(fields[1], fields[2]); err != nil {
				return nil, err
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b module) int { return strings.Compare(a.name, b.name) }), nil
}

// legalName matches LICENSE, LICENSE.md, LICENSE-MIT, COPYING, NOTICE, PATENTS.
var legalName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// read reads the licenses and notices from the folder dir up to root.
func (m module) read(dir, root string) error {
	for ; len(dir) >= len(root); dir = filepath.Dir(dir) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			file := filepath.Join(dir, entry.Name())
			if !entry.Type().IsRegular() || !legalName.MatchString(entry.Name()) || filepath.Ext(file) == ".go" {
				continue
			}
			text, err := os.ReadFile(file) //nolint:gosec // G304: in the folder of a module
			if err != nil {
				return err
			}
			m.texts[file] = strings.TrimSpace(string(text))
		}
	}
	return nil
}

// licenses returns the SPDX identifiers of the module's licenses.
func (m module) licenses() (string, error) {
	var identifiers []string
	for file, text := range m.texts {
		name := strings.ToLower(filepath.Base(file))
		if strings.HasPrefix(name, "notice") || strings.HasPrefix(name, "patents") {
			continue
		}
		identifier := classify(text)
		if identifier == "" {
			return "", fmt.Errorf("%s: the license in %s is not one of those known here", m.name, file)
		}
		identifiers = append(identifiers, identifier)
	}
	if len(identifiers) == 0 {
		return "", fmt.Errorf("%s has no license", m.name)
	}
	slices.Sort(identifiers)
	return strings.Join(slices.Compact(identifiers), ", "), nil
}

// phrases are what distinguishes a license from the others, by SPDX identifier, in the order to look. The others of
// GNU say so at once; MPL-2.0 names them, too, further down.
var phrases = [][2]string{
	{"MPL-2.0", "mozilla public license,? version 2.0"},
	{"", "gnu (lesser |affero )?general public license"},
	{"Apache-2.0", "apache license,? version 2.0"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"ISC", "permission to use, copy, modify, (and/or|and) distribute this software for any purpose"},
	{"BSD-3-Clause", "redistribution and use in source and binary forms.*(neither the name|may not be used to endorse or promote)"},
	{"BSD-2-Clause", "redistribution and use in source and binary forms"},
}

// classify returns the SPDX identifier of a license from its text, or "" where
// it is none of those that a provider under MPL-2.0 can be shipped with.
func classify(text string) string {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	for _, phrase := range phrases {
		if regexp.MustCompile(phrase[1]).MatchString(text) {
			return phrase[0]
		}
	}
	return ""
}
