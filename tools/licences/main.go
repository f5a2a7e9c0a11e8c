// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Licences lists the modules that are linked into the provider on any platform
// it is released for, with their licences by SPDX identifier. It fails where
// there is no licence, or one that it does not know.
//
//	go run ./tools/licences                 prints the list
//	go run ./tools/licences -notices FILE   writes all the texts, to lie beside a binary
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

func main() {
	log.SetFlags(0)
	notices := flag.String("notices", "", "`file` to write the texts of all licences to")
	flag.Parse()
	if err := run(*notices); err != nil {
		log.Fatal(err)
	}
}

func run(notices string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	modules, err := linked(ctx, ".")
	if err != nil {
		return err
	}
	if notices == "" {
		return list(os.Stdout, modules)
	}
	goItself, err := standardLibrary(ctx)
	if err != nil {
		return err
	}
	text, err := noticesOf(append([]module{goItself}, modules...))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(notices), 0o750); err != nil {
		return err
	}
	return os.WriteFile(notices, []byte(text), 0o644) //nolint:gosec // G306: published with every release
}

func list(out io.Writer, modules []module) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, m := range modules {
		identifiers, err := m.licences()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", m.path, m.version, strings.Join(identifiers, ", ")); err != nil {
			return err
		}
	}
	return table.Flush()
}

// noticesOf returns every text once, below all that it applies to.
func noticesOf(modules []module) (string, error) {
	var texts []string
	names := map[string][]string{}
	for _, m := range modules {
		if _, err := m.licences(); err != nil {
			return "", err
		}
		for _, file := range m.texts {
			content, err := os.ReadFile(file) //nolint:gosec // G304: found by legalTexts
			if err != nil {
				return "", err
			}
			text := strings.TrimSpace(string(content))
			if names[text] == nil {
				texts = append(texts, text)
			}
			names[text] = append(names[text], fmt.Sprintf("%s %s: %s", m.path, m.version, filepath.Base(file)))
		}
	}
	var out strings.Builder
	out.WriteString("The provider contains the following, each under the terms below it.\n")
	for _, text := range texts {
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(names[text], "\n"), text)
	}
	return out.String(), nil
}
