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
	no verdict = iota - 1
	// unsure is a row that nobody can judge: it has changed, or is at a bound of time.
	unsure
	yes
)

func verdictOf(selected bool) verdict {
	if selected {
		return yes
	}
	return no
}

type selector func(row) verdict

func all(row) verdict { return yes }

// selects is a selector that is always sure.
func selects(is func(row) bool) selector { return func(r row) verdict { return verdictOf(is(r)) } }

func not(s selector) selector { return func(r row) verdict { return -s(r) } }

func both(a, b selector) selector { return func(r row) verdict { return min(a(r), b(r)) } }

// exactly is a regular expression for a text alone: nothing of it is white space, which the provider
// refuses at the ends.
func exactly(text string) string { return "^" + quoted(text) + "$" }

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
	return selects(func(r row) bool {
		return slices.ContainsFunc(paths, func(path string) bool {
			return slices.ContainsFunc(r.texts(path), func(text string) bool { return re.MatchString(norm.NFC.String(text)) })
		})
	})
}

// is selects the rows with a value.
func is(path, value string) selector {
	return selects(func(r row) bool { return r.fields[path] == value })
}

// discriminates reports whether an argument selects some of the rows, and not others.
func discriminates(rows []row, s selector) bool {
	counts := map[verdict]int{}
	for _, r := range rows {
		counts[s(r)]++
	}
	return counts[yes] > 0 && counts[no] > 0
}

// candidates are the texts of fields, the most frequent first.
func candidates(rows []row, paths ...string) (found []string) {
	for _, path := range paths {
		counts := map[string]int{}
		for _, r := range rows {
			for _, text := range r.texts(path) {
				counts[text]++
			}
		}
		delete(counts, "")
		found = append(found, slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
			return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
		})...)
	}
	return found
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
	return selects(func(r row) bool {
		addresses := addressesOf(r.text("ip"))
		outside := func(ip net.IP) bool { return err != nil || !block.Contains(ip) }
		return len(addresses) > 0 && !slices.ContainsFunc(addresses, outside)
	})
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
				mask := net.CIDRMask(length, size)
				found = append(found, (&net.IPNet{IP: ip.Mask(mask), Mask: mask}).String())
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
		switch text := r.text(path); {
		case text == "":
			return yes
		case !numbersWithDots.MatchString(text):
			return unsure
		default:
			return verdictOf(compareVersions(text, bound) < 0)
		}
	}
}

// compareVersions takes no zeros at the end into account.
func compareVersions(a, b string) int { return slices.Compare(numbersOf(a), numbersOf(b)) }

func numbersOf(version string) []uint64 {
	var numbers []uint64
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.ParseUint(part, 10, 64)
		numbers = append(numbers, n)
	}
	for len(numbers) > 0 && numbers[len(numbers)-1] == 0 {
		numbers = numbers[:len(numbers)-1]
	}
	return numbers
}

// versionBound is a name of which there are several versions, and a version that is above some of them.
func versionBound(rows []row, namePath, versionPath string) (name, bound string, found bool) {
	for _, name := range candidates(rows, namePath) {
		of := matches(exactly(name), namePath)
		named := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return of(r) != yes })
		versions := slices.DeleteFunc(candidates(named, versionPath),
			func(v string) bool { return !numbersWithDots.MatchString(v) || len(numbersOf(v)) == 0 })
		slices.SortFunc(versions, func(a, b string) int { return compareVersions(b, a) })
		if bound, found = pick(named, versions, func(v string) selector { return below(versionPath, v) }); found {
			return name, bound, true
		}
	}
	return "", "", false
}

// olderThan selects the rows whose time is longer ago, by a time of the workspace during the read.
// A row without a time is the oldest.
func olderThan(path string, age time.Duration, b *bracket) selector {
	const blur = 2 * time.Second
	return func(r row) verdict {
		switch at := r.time(path); {
		case at.Before(b.before.from.Add(-blur - age)):
			return yes
		case at.After(b.after.to.Add(blur - age)):
			return no
		default:
			return unsure
		}
	}
}

// timesOf are the different times of a field, in order.
func timesOf(rows []row, path string) []time.Time {
	var times []time.Time
	for _, r := range rows {
		if r.text(path) != "" {
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
	for i := 1; i < len(times); i++ {
		gap := times[i].Sub(times[i-1])
		if old := now.Sub(times[i].Add(-gap / 2)); gap > widest && old > time.Minute {
			widest, age = gap, old.Truncate(time.Second)
		}
	}
	return age, widest > time.Minute
}
