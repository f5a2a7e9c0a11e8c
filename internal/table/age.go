// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longUnit is a number of weeks, months or years; a single m is a minute.
var longUnit = regexp.MustCompile(`(?i)^\s*(\d+)\s*(w|weeks?|mo|months?|y|years?)\s*$`)

// ParseAge parses a duration greater than zero: a Go duration that can begin with
// days, such as 30d, 1.5d, 1d12h or 90m. A day has 24 hours.
func ParseAge(text string) (time.Duration, error) {
	age, ok := parseAge(text)
	if long := longUnit.FindStringSubmatch(text); !ok && long != nil {
		n, err := strconv.ParseInt(long[1], 10, 32)
		if days := map[string]int64{"w": 7, "m": 30, "y": 365}[strings.ToLower(long[2][:1])]; err == nil && n > 0 {
			return 0, fmt.Errorf("is %q; the longest unit is a day: write \"%dd\"", text, n*days)
		}
	}
	if !ok {
		return 0, fmt.Errorf(`is %q; write a duration greater than zero as numbers with units, days first, such as "30d", "12h" or "1d12h"`, text)
	}
	return age, nil
}

func parseAge(text string) (age time.Duration, ok bool) {
	number, rest, hasDays := strings.Cut(text, "d")
	if hasDays {
		if strings.Trim(number, "0123456789.") != "" {
			return 0, false
		}
		days, err := strconv.ParseFloat(number, 64)
		if err != nil || days*float64(24*time.Hour) >= math.MaxInt64 {
			return 0, false
		}
		age = time.Duration(days * float64(24*time.Hour))
	} else {
		rest = text
	}
	if rest != "" || !hasDays {
		more, err := time.ParseDuration(rest)
		if err != nil || more < 0 || strings.HasPrefix(rest, "+") || age > math.MaxInt64-more {
			return 0, false
		}
		age += more
	}
	return age, age > 0
}
