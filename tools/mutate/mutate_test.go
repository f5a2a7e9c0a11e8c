// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMarkers: every mutation has its marker and can be made there, and every marker has a mutation.
func TestMarkers(t *testing.T) {
	t.Parallel()
	places, err := find("../../internal")
	if err != nil {
		t.Fatal(err)
	}
	unused := map[string]bool{}
	for name := range places {
		unused[name] = true
	}
	for _, m := range mutations() {
		at, ok := places[m.marker]
		if !ok {
			t.Errorf("no line ends with //mutate:%s, where this mistake would be made: %s", m.marker, m.mistake)
			continue
		}
		delete(unused, m.marker)
		source, err := os.ReadFile(at.file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.operator.apply(string(source), at.line); err != nil {
			t.Errorf("%s in %s: %v", m.marker, at.file, err)
		}
	}
	for name := range unused {
		t.Errorf("%s has the marker //mutate:%s, which is not in mutations.go", places[name].file, name)
	}
}

func TestOperators(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operator   operator
		line, want string
	}{
		{always, "if a > b {\n}", "if (a > b || true) {\n}"},
		{never, "if x := f(); x {\n}", "if x := f(); (x && false) {\n}"},
		{never, "x := a == b", "x := (a == b && false)"},
		{always, "return 1, a < b", "return 1, (a < b || true)"},
		{boundary, "if x && a > b {\n}", "if x && a >= b {\n}"},
		{boundary, "if a <= b || c > d {\n}", "if a < b || c > d {\n}"},
		{boundary, "if a == b {\n}", ""},
		{drop, "a = b", ""},
		{always, "f(a)", ""},
	} {
		const head, tail = "package p\nfunc f() {\n", "\n}\n"
		got, err := test.operator.apply(head+test.line+tail, 3)
		want := head + test.want + tail
		switch {
		case test.want == "" && test.operator != drop:
			if err == nil {
				t.Errorf("%s applied to %q", test.operator, test.line)
			}
		case err != nil || got != want:
			t.Errorf("%s made %q of %q, and error %v", test.operator, got, test.line, err)
		}
	}
}

func TestMarkers_twice(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"a.go", "b.go"} {
		if err := os.WriteFile(folder+"/"+name, []byte("package p\n\nvar x = 1 //"+"mutate:one\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := find(folder); err == nil || !strings.Contains(err.Error(), "marker one is in") {
		t.Errorf("error %v, want that the marker is there twice", err)
	}
}

// TestSurvivors: a mistake that no test notices is an error, one that a test notices is none.
func TestSurvivors(t *testing.T) {
	t.Parallel()
	module := t.TempDir()
	pkg := filepath.Join(module, "internal", "p")
	if err := os.MkdirAll(pkg, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		filepath.Join(module, "go.mod"): "module example.com/m\n\ngo 1.26\n",
		filepath.Join(pkg, "p.go"):      "package p\n\nfunc small(n int) bool {\n\treturn n < 10 //" + "mutate:small\n}\n",
		filepath.Join(pkg, "some_test.go"): "package p\n\nimport \"testing\"\n\n" +
			"func TestSmall(t *testing.T) {\n\tif !small(1) {\n\t\tt.Error(1)\n\t}\n}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	noticed, unnoticed := mutation{"small", never, "nothing small"}, mutation{"small", boundary, "ten taken for small"}
	if err := run(t.Context(), module, []mutation{noticed}, ""); err != nil {
		t.Errorf("a mistake that is noticed: %v", err)
	}
	err := run(t.Context(), module, []mutation{noticed, unnoticed}, "")
	if want := "no test noticed: ten taken for small"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	if err := run(t.Context(), module, []mutation{unnoticed}, "^other$"); err == nil {
		t.Error("an expression that matches no marker passes")
	}
}

// TestShards: all shards together make each mistake once.
func TestShards(t *testing.T) {
	t.Parallel()
	all := mutations()
	made := map[string]int{}
	for _, text := range []string{"1/3", "2/3", "3/3"} {
		part, err := shard(all, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range part {
			made[m.marker+" "+m.mistake]++
		}
	}
	for _, m := range all {
		if n := made[m.marker+" "+m.mistake]; n != 1 {
			t.Errorf("%s is made %d times: %s", m.marker, n, m.mistake)
		}
	}
	for _, text := range []string{"", "1", "0/3", "4/3", "1/0", "1/3x", "a/b", "-1/3"} {
		if _, err := shard(all, text); err == nil {
			t.Errorf("the shard %q is accepted", text)
		}
	}
}
