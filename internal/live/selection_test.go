// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// What the arguments select is written here once more, from the documentation, and compared with
// what the provider selects.

// verdict is whether an argument selects a row.
type verdict int

const (
	no verdict = iota
	yes
	// unsure is a row that nobody can judge: it has changed, or is at a bound of time.
	unsure
)

func verdictOf(selected bool) verdict {
	if selected {
		return yes
	}
	return no
}

// not is the opposite.
func not(v verdict) verdict {
	switch v {
	case yes:
		return no
	case no:
		return yes
	default:
		return unsure
	}
}

type selector func(row) verdict

func all(row) verdict { return yes }

func both(a, b selector) selector {
	return func(r row) verdict {
		switch x, y := a(r), b(r); {
		case x == no || y == no:
			return no
		case x == unsure || y == unsure:
			return unsure
		default:
			return yes
		}
	}
}

// quoted is a regular expression for a text alone: nothing of it is white space, which the provider
// refuses at the ends.
func quoted(text string) string {
	var b strings.Builder
	for _, c := range norm.NFC.String(text) {
		if c < 128 && (c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, `\x{%X}`, c)
		}
	}
	return b.String()
}

// matches selects the rows of which one of some fields matches.
func matches(expression string, paths ...string) selector {
	re := regexp.MustCompile("(?i)" + expression)
	return func(r row) verdict {
		for _, path := range paths {
			if slices.ContainsFunc(r.texts(path), func(text string) bool { return re.MatchString(norm.NFC.String(text)) }) {
				return yes
			}
		}
		return no
	}
}

// discriminates reports whether an argument selects some of the rows, and not others.
func discriminates(rows []row, s selector) bool {
	counts := map[verdict]int{}
	for _, r := range rows {
		counts[s(r)]++
	}
	return counts[yes] > 0 && counts[no] > 0
}

// candidates are the texts of a field, the most frequent first.
func candidates(rows []row, path string) []string {
	counts := map[string]int{}
	for _, r := range rows {
		for _, text := range r.texts(path) {
			if text != "" {
				counts[text]++
			}
		}
	}
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
}

// pick is the first candidate for which an argument selects some rows and not others.
func pick[C any](rows []row, candidates []C, of func(C) selector) (found C, ok bool) {
	for _, each := range candidates {
		if discriminates(rows, of(each)) {
			return each, true
		}
	}
	return found, false
}

// addressesOf reads the address of a session as documented: one, or a list, each perhaps with a port,
// brackets or a zone. Nil is malformed.
func addressesOf(text string) []net.IP {
	var all []net.IP
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' }) {
		host := part
		if net.ParseIP(host) == nil {
			if bare, _, err := net.SplitHostPort(part); err == nil {
				host = bare
			}
		}
		host, _, _ = strings.Cut(strings.Trim(host, "[]"), "%")
		ip := net.ParseIP(host)
		if ip == nil {
			return nil
		}
		all = append(all, ip)
	}
	return all
}

// within selects the rows whose addresses are all in a network.
func within(network string) selector {
	_, block, err := net.ParseCIDR(network)
	return func(r row) verdict {
		text, _ := r.text("ip")
		addresses := addressesOf(text)
		outside := func(ip net.IP) bool { return err != nil || !block.Contains(ip) }
		return verdictOf(len(addresses) > 0 && !slices.ContainsFunc(addresses, outside))
	}
}

// networks are those around the addresses of rows, the narrowest first.
func networks(rows []row) []string {
	var found []string
	for _, text := range candidates(rows, "ip") {
		for _, ip := range addressesOf(text) {
			size, lengths := 128, []int{128, 64, 48, 32, 16}
			if four := ip.To4(); four != nil {
				ip, size, lengths = four, 32, []int{32, 24, 16, 8}
			}
			for _, length := range lengths {
				found = append(found, (&net.IPNet{IP: ip.Mask(net.CIDRMask(length, size)), Mask: net.CIDRMask(length, size)}).String())
			}
		}
	}
	return found
}

var numbersWithDots = regexp.MustCompile(`^\d+(\.\d+)*$`)

// below selects the rows whose version is lower; one that is missing is the lowest. What is not
// numbers with dots has rules of its own.
func below(path, bound string) selector {
	return func(r row) verdict {
		text, _ := r.text(path)
		switch {
		case text == "":
			return yes
		case !numbersWithDots.MatchString(text):
			return unsure
		default:
			return verdictOf(compareVersions(text, bound) < 0)
		}
	}
}

func compareVersions(a, b string) int {
	x, y := numbersOf(a), numbersOf(b)
	for len(x) < len(y) {
		x = append(x, 0)
	}
	for len(y) < len(x) {
		y = append(y, 0)
	}
	return slices.Compare(x, y)
}

func numbersOf(version string) []uint64 {
	var numbers []uint64
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.ParseUint(part, 10, 64)
		numbers = append(numbers, n)
	}
	return numbers
}

// versionBound is a name of which there are several versions, and a version that is above some of them.
func versionBound(rows []row, namePath, versionPath string) (name, bound string, found bool) {
	for _, name := range candidates(rows, namePath) {
		named := matches("^"+quoted(name)+"$", namePath)
		versions := slices.DeleteFunc(candidates(slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return named(r) != yes }), versionPath),
			func(v string) bool { return !numbersWithDots.MatchString(v) || strings.Trim(v, "0.") == "" })
		slices.SortFunc(versions, compareVersions)
		for _, bound := range slices.Backward(versions) {
			if discriminates(slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return named(r) != yes }), below(versionPath, bound)) {
				return name, bound, true
			}
		}
	}
	return "", "", false
}

// olderThan selects the rows whose time is longer ago, by a time of the workspace between two others.
// A row without a time is the oldest.
func olderThan(path string, age time.Duration, from, to func() time.Time) selector {
	return func(r row) verdict {
		at := r.time(path)
		switch {
		case at.Before(from().Add(-age)):
			return yes
		case at.After(to().Add(-age)):
			return no
		default:
			return unsure
		}
	}
}

// middle is the time in the middle of the rows, which is of one of them, with others before and after.
func middle(rows []row, path string) (time.Time, bool) {
	times := timesOf(rows, path)
	if len(times) < 3 {
		return time.Time{}, false
	}
	return times[len(times)/2], true
}

// timesOf are the different times of a field, in order.
func timesOf(rows []row, path string) []time.Time {
	var times []time.Time
	for _, r := range rows {
		if _, ok := r.text(path); ok {
			times = append(times, r.time(path))
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	return slices.CompactFunc(times, time.Time.Equal)
}

// quietAge is an age at which no row is: between the two times, not the newest, that are furthest apart.
func quietAge(rows []row, path string, now time.Time) (age time.Duration, found bool) {
	times := timesOf(rows, path)
	var widest time.Duration
	for i := range max(len(times)-1, 0) {
		at := times[i].Add(times[i+1].Sub(times[i]) / 2)
		if gap := times[i+1].Sub(times[i]); gap > widest && now.Sub(at) > time.Minute {
			widest, age = gap, now.Sub(at).Truncate(time.Second)
		}
	}
	return age, widest > time.Minute
}
