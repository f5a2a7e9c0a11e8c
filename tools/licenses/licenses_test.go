// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// All that is linked into the provider may be shipped with it.
func TestLicenses_linkedModules(t *testing.T) {
	t.Parallel()
	list, notices, err := run(t.Context(), "../..")
	if err != nil {
		t.Fatal(err)
	}
	if want := "github.com/hashicorp/terraform-plugin-framework "; !strings.Contains(list, want) {
		t.Errorf("the list lacks %s:\n%s", want, list)
	}
	for line := range strings.Lines(list) {
		if fields := strings.Fields(line); !strings.Contains(notices, "\n"+fields[0]+" "+fields[1]+": ") {
			t.Errorf("the notices lack %s", line)
		}
	}
}

func TestLicenses_classify(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Mozilla Public License, version 2.0\n … GNU General Public License, Version 2.0":         "MPL-2.0",
		"                Apache License\n           Version 2.0, January 2004":                    "Apache-2.0",
		"Permission is hereby granted, free of\ncharge, to any person obtaining a copy of":        "MIT",
		"Permission to use, copy, modify, and distribute this software for any\npurpose with":     "ISC",
		"Redistribution and use in source and binary forms …\nNeither the name of":                "BSD-3-Clause",
		"Redistribution and use in source and binary forms, with or without":                      "BSD-2-Clause",
		"GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007":                                     "",
		"GNU LESSER GENERAL PUBLIC LICENSE\nThis is not under the Apache License, Version 2.0":    "",
		"Business Source License 1.1\nThe Licensor hereby grants you the right to copy":           "",
		"This software is proprietary. Redistribution and use is permitted in source form, only.": "",
		"": "",
	} {
		if got := classify(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestLicenses_ofAModule(t *testing.T) {
	t.Parallel()
	const mit = "Permission is hereby granted, free of charge, to any person obtaining a copy"
	tests := map[string]struct {
		files map[string]string
		want  string
		fails string
	}{
		"several":        {files: map[string]string{"LICENSE": mit, "sub/LICENSE.txt": "Apache License, Version 2.0"}, want: "Apache-2.0, MIT"},
		"above root":     {files: map[string]string{"../LICENSE": "Apache License, Version 2.0", "COPYING": mit}, want: "MIT"},
		"notice as well": {files: map[string]string{"LICENSE-MIT": mit, "NOTICE": "Copyright"}, want: "MIT"},
		"none":           {files: map[string]string{"README": mit}, fails: "has no license"},
		"a notice alone": {files: map[string]string{"NOTICE": mit}, fails: "has no license"},
		"code named so":  {files: map[string]string{"license.go": mit}, fails: "has no license"},
		"one unknown": {
			files: map[string]string{"LICENSE": mit, "sub/LICENSE": "All rights reserved."},
			fails: "is not one of those known here",
		},
		"an unknown only": {files: map[string]string{"LICENSE": "All rights reserved."}, fails: "is not one of those known here"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := filepath.Join(t.TempDir(), "module")
			err := os.MkdirAll(filepath.Join(root, "sub"), 0o700)
			for file, text := range test.files {
				err = errors.Join(err, os.WriteFile(filepath.Join(root, file), []byte(text), 0o600))
			}
			if err != nil {
				t.Fatal(err)
			}
			m := module{"example.com/m v1.0.0", map[string]string{}}
			if err := m.read(filepath.Join(root, "sub"), root); err != nil {
				t.Fatal(err)
			}
			got, err := m.licenses()
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("got %q and error %v, want error %q", got, err, test.fails)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %q and error %v, want %q", got, err, test.want)
			}
		})
	}
}
