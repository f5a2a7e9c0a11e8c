// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import "strings"

// classify returns the SPDX identifier of a licence from its text, or "" where
// it is none of those that a provider under MPL-2.0 can be shipped with.
func classify(text string) string {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	has := func(phrase string) bool { return strings.Contains(text, phrase) }
	switch {
	case has("mozilla public license version 2.0"), has("mozilla public license, version 2.0"):
		return "MPL-2.0"
	// The others of GNU say so at once; MPL-2.0 names them, too, further down.
	case has("gnu general public license"), has("gnu lesser general public license"), has("gnu affero general public license"):
		return ""
	case has("apache license version 2.0"), has("apache license, version 2.0"):
		return "Apache-2.0"
	case has("permission is hereby granted, free of charge, to any person obtaining a copy"):
		return "MIT"
	case has("permission to use, copy, modify, and/or distribute this software for any purpose"),
		has("permission to use, copy, modify, and distribute this software for any purpose"):
		return "ISC"
	case !has("redistribution and use in source and binary forms"):
		return ""
	case has("neither the name"), has("may not be used to endorse or promote"):
		return "BSD-3-Clause"
	default:
		return "BSD-2-Clause"
	}
}
