// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

func mustParseNetworks(t testing.TB, texts ...string) *[]netip.Prefix {
	t.Helper()
	networks := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		network, err := sessions.ParseNetwork(text)
		if err != nil {
			t.Fatal(err)
		}
		networks = append(networks, network)
	}
	return &networks
}

func TestParseNetwork(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10.0.0.0/8":          "10.0.0.0/8",
		"0.0.0.0/0":           "0.0.0.0/0",
		"192.0.2.1/32":        "192.0.2.1/32",
		"2001:DB8:0::/48":     "2001:db8::/48",
		"::/0":                "::/0",
		"::1/128":             "::1/128",
		"::ffff:10.0.0.0/104": "10.0.0.0/8",
		"::ffff:0.0.0.0/96":   "0.0.0.0/0",
		"::ffff:c000:201/128": "192.0.2.1/32",
	} {
		if got, err := sessions.ParseNetwork(text); err != nil || got.String() != want {
			t.Errorf("%q is %s (%v), want %s", text, got, err, want)
		}
	}
}

func TestParseNetwork_errors(t *testing.T) {
	t.Parallel()
	const notation = " is not a network in CIDR notation, such as 192.0.2.0/24 or 2001:db8::/32"
	for text, want := range map[string]string{
		"":                     `""` + notation,
		"office":               `"office"` + notation,
		"/8":                   `"/8"` + notation,
		" 10.0.0.0/8":          `" 10.0.0.0/8"` + notation,
		"10.0.0/8":             `"10.0.0/8"` + notation,
		"010.0.0.0/8":          `"010.0.0.0/8"` + notation,
		"::ffff:1.0.0.0.0/104": `"::ffff:1.0.0.0.0/104"` + notation,
		"10.0.0.0/8/8":         `"10.0.0.0/8/8" needs a whole number from 0 to 32 after the slash`,
		"::/32, 10.0.0.0/8":    `"::/32, 10.0.0.0/8" needs a whole number from 0 to 128 after the slash`,
		"10.0.0.0-10.0.0.9":    `"10.0.0.0-10.0.0.9"` + notation,
		"192.0.2.1":            `"192.0.2.1" is an address, not a network; for this address alone write 192.0.2.1/32`,
		"2001:db8::1":          `"2001:db8::1" is an address, not a network; for this address alone write 2001:db8::1/128`,
		"::ffff:192.0.2.1":     `"::ffff:192.0.2.1" is an address, not a network; for this address alone write 192.0.2.1/32`,
		"10.0.0.0/33":          `"10.0.0.0/33" needs a whole number from 0 to 32 after the slash`,
		"10.0.0.0/255.0.0.0":   `"10.0.0.0/255.0.0.0" needs a whole number from 0 to 32 after the slash`,
		"10.0.0.0/":            `"10.0.0.0/" needs a whole number from 0 to 32 after the slash`,
		"10.0.0.0/08":          `"10.0.0.0/08" needs a whole number from 0 to 32 after the slash`,
		"10.0.0.0/-1":          `"10.0.0.0/-1" needs a whole number from 0 to 32 after the slash`,
		"2001:db8::/129":       `"2001:db8::/129" needs a whole number from 0 to 128 after the slash`,
		"fe80::1%eth0":         `"fe80::1%eth0" has the zone "eth0", which a network cannot have`,
		"fe80::%eth0/64":       `"fe80::%eth0/64" has the zone "eth0", which a network cannot have`,
		"::ffff:10.0.0.0/95":   `"::ffff:10.0.0.0/95" is wider than the IPv4-mapped addresses; write 0.0.0.0/0 for all of IPv4`,
		"::ffff:10.0.0.0/8":    `"::ffff:10.0.0.0/8" is wider than the IPv4-mapped addresses; write 0.0.0.0/0 for all of IPv4`,
		"10.1.2.3/8":           `"10.1.2.3/8" has bits set beyond the first 8, and would be the whole network 10.0.0.0/8; did you mean 10.0.0.0/8 or 10.1.2.3/32?`,
		"10.0.0.0/0":           `"10.0.0.0/0" has bits set beyond the first 0, and would be the whole network 0.0.0.0/0; did you mean 10.0.0.0/8?`,
		"172.16.0.0/8":         `"172.16.0.0/8" has bits set beyond the first 8, and would be the whole network 172.0.0.0/8; did you mean 172.16.0.0/12 or 172.0.0.0/8?`,
		"192.168.0.0/12":       `"192.168.0.0/12" has bits set beyond the first 12, and would be the whole network 192.160.0.0/12; did you mean 192.168.0.0/16 or 192.160.0.0/12?`,
		"192.0.2.128/24":       `"192.0.2.128/24" has bits set beyond the first 24, and would be the whole network 192.0.2.0/24; did you mean 192.0.2.0/24 or 192.0.2.128/32?`,
		"2001:db8::1/32":       `"2001:db8::1/32" has bits set beyond the first 32, and would be the whole network 2001:db8::/32; did you mean 2001:db8::/32 or 2001:db8::1/128?`,
		"2001:db8::/0":         `"2001:db8::/0" has bits set beyond the first 0, and would be the whole network ::/0; did you mean 2001:db8::/32?`,
		"::ffff:10.1.2.3/104":  `"::ffff:10.1.2.3/104" has bits set beyond the first 8, and would be the whole network 10.0.0.0/8; did you mean 10.0.0.0/8 or 10.1.2.3/32?`,
		"::ffff:10.0.0.0%a/96": `"::ffff:10.0.0.0%a/96" has the zone "a", which a network cannot have`,
	} {
		network, err := sessions.ParseNetwork(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q is %s:\n got %v\nwant %s", text, network, err, want)
		}
	}
}

func TestParseAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"192.0.2.1":                    "192.0.2.1",
		" 192.0.2.1\t":                 "192.0.2.1",
		"192.0.2.1:8080":               "192.0.2.1",
		"::ffff:192.0.2.1":             "192.0.2.1",
		"::FFFF:c000:201":              "192.0.2.1",
		"[::ffff:192.0.2.1]:80":        "192.0.2.1",
		"2001:db8::1":                  "2001:db8::1",
		"[2001:db8::1]":                "2001:db8::1",
		"[2001:db8::1]:443":            "2001:db8::1",
		"fe80::1%eth0":                 "fe80::1",
		"[fe80::1%eth0]:443":           "fe80::1",
		"[fe80::1%eth0]":               "fe80::1",
		"::1:80":                       "::1:80",
		"192.0.2.1, 10.0.0.1":          "192.0.2.1 10.0.0.1",
		"192.0.2.1,10.0.0.1":           "192.0.2.1 10.0.0.1",
		"192.0.2.1 10.0.0.1":           "192.0.2.1 10.0.0.1",
		"192.0.2.1:1, [::1]:2, ::2%lo": "192.0.2.1 ::1 ::2",
		"192.0.2.1, , 10.0.0.1,":       "192.0.2.1 10.0.0.1",
	} {
		addrs, ok := sessions.ParseAddresses(text)
		if got := join(addrs, " "); !ok || got != want {
			t.Errorf("%q is %q (%t), want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", " ", ",", ", ,", "unknown", "192.0.2.1, unknown", "192.0.2", "192.0.2.256", "192.0.2.1:", "192.0.2.1:http",
		"192.0.2.1:65536", "[192.0.2.1]", "[192.0.2.1]:80", "[::1", "::1]", "[]", "[", "]", "[[::1]]", "192.0.2.1/32", "192.0.2.1%eth0",
		"chat.example.com", "192.0.2.1;10.0.0.1",
	} {
		if addrs, ok := sessions.ParseAddresses(text); ok || len(addrs) > 0 {
			t.Errorf("%q is %v (%t), want nothing", text, addrs, ok)
		}
	}
}

func join(addrs []netip.Addr, separator string) string {
	texts := make([]string, 0, len(addrs))
	for _, addr := range addrs {
		texts = append(texts, addr.String())
	}
	return strings.Join(texts, separator)
}

func FuzzParseNetwork(f *testing.F) {
	for _, text := range []string{
		"10.0.0.0/8", "10.1.2.3/8", "::/0", "2001:db8::1/32", "::ffff:10.0.0.0/104", "::ffff:10.0.0.0/95",
		"192.0.2.1", "::1", "fe80::%eth0/64", "", "/", "10.0.0.0/08", "x/8",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		network, err := sessions.ParseNetwork(text)
		if err != nil {
			if network.IsValid() {
				t.Fatalf("%q is both %s and an error", text, network)
			}
			return
		}
		if !network.IsValid() || network != network.Masked() || network.Addr().Is4In6() {
			t.Fatalf("%q is %s, which is not in its plainest form", text, network)
		}
		again, err := sessions.ParseNetwork(network.String())
		if err != nil || again != network {
			t.Fatalf("%q is %s, and that is %s (%v)", text, network, again, err)
		}
		written, err := netip.ParsePrefix(text)
		if err != nil || !network.Contains(written.Addr().Unmap()) {
			t.Fatalf("%q is %s, which lacks the address it was written with (%v)", text, network, err)
		}
	})
}

func FuzzParseAddresses(f *testing.F) {
	for _, text := range []string{
		"192.0.2.1", "192.0.2.1:80", "::ffff:192.0.2.1", "[::1]:80", "[::1]", "fe80::1%eth0", "192.0.2.1, 10.0.0.1",
		"unknown", "", ",", "[::ffff:1.2.3.4%x]:1", "[", "]:0", "192.0.2.1\u00a0::1",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		addrs, ok := sessions.ParseAddresses(text)
		if ok != (len(addrs) > 0) {
			t.Fatalf("%q is %v and %t", text, addrs, ok)
		}
		for _, addr := range addrs {
			if !addr.IsValid() || addr.Zone() != "" || addr.Is4In6() {
				t.Fatalf("%q holds %s, which is not in its plainest form", text, addr)
			}
		}
		if !ok {
			return
		}
		again, ok := sessions.ParseAddresses(join(addrs, ", "))
		if !ok || !slices.Equal(again, addrs) {
			t.Fatalf("%q is %v, and that is %v", text, addrs, again)
		}
		twice, ok := sessions.ParseAddresses(text + "," + text)
		if !ok || len(twice) != 2*len(addrs) {
			t.Fatalf("%q twice is %v", text, twice)
		}
	})
}
