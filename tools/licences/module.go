// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is one that is linked into the provider.
type module struct {
	path, version string
	// texts are the files with its licences and notices, of its root and of
	// the folders of the packages that are used.
	texts []string
}

// linked returns the modules other than the main one that the package in dir
// needs on any system of a release, by path.
func linked(ctx context.Context, dir string) ([]module, error) {
	found := map[string]*module{}
	for _, system := range []string{"darwin", "freebsd", "linux", "windows"} {
		packages, err := dependencies(ctx, dir, system)
		if err != nil {
			return nil, err
		}
		for _, p := range packages {
			if p.Module == nil || p.Module.Main {
				continue
			}
			m, ok := found[p.Module.Path]
			if !ok {
				m = &module{path: p.Module.Path, version: p.Module.Version}
				found[m.path] = m
			}
			texts, err := legalTexts(p.Dir, p.Module.Dir)
			if err != nil {
				return nil, err
			}
			m.texts = append(m.texts, texts...)
		}
	}
	modules := make([]module, 0, len(found))
	for m := range maps.Values(found) {
		slices.Sort(m.texts)
		m.texts = slices.Compact(m.texts)
		modules = append(modules, *m)
	}
	slices.SortFunc(modules, func(a, b module) int { return cmp.Compare(a.path, b.path) })
	return modules, nil
}

// goPackage is what of "go list -json" is of use here.
type goPackage struct {
	Dir    string
	Module *struct {
		Path, Version, Dir string
		Main               bool
	}
}

func dependencies(ctx context.Context, dir, system string) ([]goPackage, error) {
	output, err := goCommand(ctx, dir, []string{"CGO_ENABLED=0", "GOARCH=amd64", "GOOS=" + system}, "list", "-deps", "-json=Dir,Module", ".")
	if err != nil {
		return nil, err
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p goPackage
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages, nil
		case err != nil:
			return nil, fmt.Errorf("reading the packages of %s: %w", system, err)
		}
		packages = append(packages, p)
	}
}

func standardLibrary(ctx context.Context) (module, error) {
	output, err := goCommand(ctx, ".", nil, "env", "GOROOT", "GOVERSION")
	if err != nil {
		return module{}, err
	}
	root, version, _ := strings.Cut(strings.TrimSpace(string(output)), "\n")
	texts, err := legalTexts(root, root)
	return module{path: "The standard library of Go", version: version, texts: texts}, err
}

func goCommand(ctx context.Context, dir string, environment []string, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "go", arguments...) //nolint:gosec // G204: all callers are in this file.
	command.Dir = dir
	command.Env = append(os.Environ(), environment...)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	return output, nil
}

// legalName matches LICENSE, LICENSE.md, LICENSE-MIT, COPYING, NOTICE, PATENTS.
var legalName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// legalTexts returns the licences and notices from the folder dir up to root.
func legalTexts(dir, root string) ([]string, error) {
	var texts []string
	for ; ; dir = filepath.Dir(dir) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if entry.Type().IsRegular() && legalName.MatchString(entry.Name()) && filepath.Ext(entry.Name()) != ".go" {
				texts = append(texts, filepath.Join(dir, entry.Name()))
			}
		}
		if dir == root || dir == filepath.Dir(dir) {
			return texts, nil
		}
	}
}

// licences returns the SPDX identifiers of the module's licences.
func (m module) licences() ([]string, error) {
	var identifiers []string
	for _, file := range m.texts {
		name := strings.ToLower(filepath.Base(file))
		if strings.HasPrefix(name, "notice") || strings.HasPrefix(name, "patents") {
			continue
		}
		text, err := os.ReadFile(file) //nolint:gosec // G304: found by legalTexts
		if err != nil {
			return nil, err
		}
		identifier := classify(string(text))
		if identifier == "" {
			return nil, fmt.Errorf("%s %s: the licence in %s is not one of those known here", m.path, m.version, file)
		}
		identifiers = append(identifiers, identifier)
	}
	if len(identifiers) == 0 {
		return nil, fmt.Errorf("%s %s has no licence", m.path, m.version)
	}
	slices.Sort(identifiers)
	return slices.Compact(identifiers), nil
}
