// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// operator is a way to change the marked line.
type operator string

const (
	// always and never make its condition true or false. The condition is that of an "if" or a
	// "case", or the last value of a "return" or an assignment.
	always operator = "always"
	never  operator = "never"
	// boundary moves the first <, <=, > or >= of the condition by one.
	boundary operator = "boundary"
	// drop leaves the line out.
	drop operator = "drop"
)

var marker = regexp.MustCompile(`(?m)^.*\S.*//mutate:([a-z-]+)$`)

// place is where a marker is.
type place struct {
	file string
	line int
}

// find returns the places of all markers in the Go files below a folder.
func find(folder string) (map[string]place, error) {
	places := map[string]place{}
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		source, err := os.ReadFile(path) //nolint:gosec // a file of this module
		if err != nil {
			return err
		}
		for _, at := range marker.FindAllSubmatchIndex(source, -1) {
			name := string(source[at[2]:at[3]])
			if other, ok := places[name]; ok {
				return fmt.Errorf("the marker %s is in %s and in %s", name, other.file, path)
			}
			places[name] = place{path, strings.Count(string(source[:at[0]]), "\n") + 1}
		}
		return nil
	})
	return places, err
}

// apply returns the source with its line changed.
func (o operator) apply(source string, line int) (string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", source, 0)
	if err != nil {
		return "", err
	}
	at := func(p token.Pos) int { return files.Position(p).Offset }
	if o == drop {
		from := files.File(file.Pos()).LineStart(line)
		_, rest, _ := strings.Cut(source[at(from):], "\n")
		return source[:at(from)] + "\n" + rest, nil
	}
	condition := conditionAt(file, func(n ast.Node) bool { return files.Position(n.Pos()).Line == line })
	if condition == nil {
		return "", fmt.Errorf("line %d has no condition", line)
	}
	from, to := condition.Pos(), condition.End()
	text := source[at(from):at(to)]
	switch o {
	case always:
		text = "(" + text + " || true)"
	case never:
		text = "(" + text + " && false)"
	default:
		if text, err = shifted(text); err != nil {
			return "", err
		}
	}
	return source[:at(from)] + text + source[at(to):], nil
}

// conditionAt returns the condition of the first statement that is on the line.
func conditionAt(file *ast.File, on func(ast.Node) bool) (found ast.Expr) {
	last := func(all []ast.Expr) ast.Expr {
		if len(all) == 0 {
			return nil
		}
		return all[len(all)-1]
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || found != nil {
			return false
		}
		if !on(n) {
			return true
		}
		switch n := n.(type) {
		case *ast.IfStmt:
			found = n.Cond
		case *ast.CaseClause:
			found = last(n.List)
		case *ast.ReturnStmt:
			found = last(n.Results)
		case *ast.AssignStmt:
			found = last(n.Rhs)
		}
		return true
	})
	return found
}

var comparison = regexp.MustCompile(` [<>]=? `)

func shifted(condition string) (string, error) {
	at := comparison.FindStringIndex(condition)
	if at == nil {
		return "", fmt.Errorf("%s compares nothing by size", condition)
	}
	sign, equal := strings.CutSuffix(strings.TrimSpace(condition[at[0]:at[1]]), "=")
	if !equal {
		sign += "="
	}
	return condition[:at[0]] + " " + sign + " " + condition[at[1]:], nil
}
