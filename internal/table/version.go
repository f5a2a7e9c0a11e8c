// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/go-version"
)

// Version is a bound to compare versions with.
type Version struct{ version *version.Version }

// numbers are what a bound is written in. [version.NewVersion] also takes suffixes and a
// leading v, and a typing error can look like one: 113-, 15O.
var numbers = regexp.MustCompile(`^\d+(\.\d+)*$`)

// ParseVersion parses a bound: any number of numbers with dots between them, of which one
// is not zero, because no version is below 0.
func ParseVersion(text string) (*Version, error) {
	parsed, err := version.NewVersion(text)
	if err != nil || !numbers.MatchString(text) {
		return nil, fmt.Errorf(`is %q, which is not a version; write numbers with dots between them, such as "113" or "10.15.7"`, text)
	}
	if strings.Trim(text, "0.") == "" {
		return nil, fmt.Errorf("is %q, and no version that a client reports is lower; write the lowest version that is allowed", text)
	}
	return &Version{parsed}, nil
}

// Below reports whether the version of a client is lower than v, number by number: 9 is
// below 113.0.5. A version that is missing, empty or malformed, such as XP, counts as
// the lowest, so that a client cannot pass a rule by hiding its version. v must not be
// nil.
func (v *Version) Below(reported *string) bool {
	if reported == nil {
		return true
	}
	parsed, err := version.NewVersion(*reported)
	return err != nil || parsed.LessThan(v.version)
}
