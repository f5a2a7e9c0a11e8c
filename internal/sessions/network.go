// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
)

// mappedBits is the length of ::ffff:0:0/96, the prefix of IPv4-mapped addresses.
const mappedBits = 96

// ParseNetwork parses an IPv4 or IPv6 network in CIDR notation, without host bits: the
// network would be wider than the address that it is written with. It converts a network
// of IPv4-mapped addresses to the IPv4 network, as [ParseAddresses] does with addresses.
func ParseNetwork(s string) (netip.Prefix, error) {
	written, _, slash := strings.Cut(s, "/")
	addr, err := netip.ParseAddr(written)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a network in CIDR notation, such as 192.0.2.0/24 or 2001:db8::/32", s)
	}
	if addr.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%q has the zone %q, which a network cannot have", s, addr.Zone())
	}
	if !slash {
		one := addr.Unmap()
		return netip.Prefix{}, fmt.Errorf("%q is an address, not a network; for this address alone write %s/%d", s, one, one.BitLen())
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q needs a whole number from 0 to %d after the slash", s, addr.BitLen())
	}
	if !addr.Is4In6() {
		return withoutHostBits(s, prefix)
	}
	if prefix.Bits() < mappedBits {
		// It would contain IPv6 addresses besides all of IPv4, and match no IPv4
		// address in the form that sessions have.
		return netip.Prefix{}, fmt.Errorf("%q is wider than the IPv4-mapped addresses; write 0.0.0.0/0 for all of IPv4", s)
	}
	prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-mappedBits)
	return withoutHostBits(s, prefix)
}

// withoutHostBits returns the prefix, or an error that names the networks that are
// probably meant. With host bits, 10.0.0.0/0 is every address.
func withoutHostBits(written string, prefix netip.Prefix) (netip.Prefix, error) {
	wide := prefix.Masked()
	if prefix == wide {
		return prefix, nil
	}
	meant := []string{narrowest(prefix.Addr()).String()}
	if prefix.Bits() > 0 {
		meant = append(meant, wide.String())
	}
	if narrowest(prefix.Addr()).IsSingleIP() {
		slices.Reverse(meant) // 10.1.2.3/8 more likely has a wrong address than a wrong length
	}
	return netip.Prefix{}, fmt.Errorf("%q has bits set beyond the first %d, and would be the whole network %s; did you mean %s?",
		written, prefix.Bits(), wide, strings.Join(meant, " or "))
}

// narrowest is the network that an address with zeros at its end stands for, in whole
// bytes of IPv4 and groups of IPv6, or as the private networks are written.
func narrowest(addr netip.Addr) netip.Prefix {
	if addr == netip.AddrFrom4([4]byte{172, 16}) {
		return netip.PrefixFrom(addr, 12)
	}
	step := 16
	if addr.Is4() {
		step = 8
	}
	bits := 0
	for netip.PrefixFrom(addr, bits).Masked().Addr() != addr {
		bits += step
	}
	return netip.PrefixFrom(addr, bits)
}

// ParseAddresses reads the address of a session: one address, or a list as in
// X-Forwarded-For, separated by commas or white space. Each may have a port,
// brackets or a zone, which are dropped; IPv4-mapped addresses become IPv4.
// It returns false if any part is malformed or there is none.
func ParseAddresses(ip string) ([]netip.Addr, bool) {
	parts := strings.FieldsFunc(ip, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	addrs := make([]netip.Addr, 0, len(parts))
	for _, part := range parts {
		addr, err := parseAddress(part)
		if err != nil {
			return nil, false
		}
		addrs = append(addrs, addr.WithZone("").Unmap())
	}
	return addrs, len(addrs) > 0
}

func parseAddress(s string) (netip.Addr, error) {
	// A bare address goes first: ::1:80 is an address without a port.
	if addr, err := netip.ParseAddr(s); err == nil {
		return addr, nil
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		// Any port will do to have the brackets judged as beside a real one.
		s += ":0"
	}
	both, err := netip.ParseAddrPort(s)
	return both.Addr(), err
}

// InNetworks reports whether a session's address is in one of the networks. An address
// that is missing or malformed is in none; a list is in them if all its addresses are.
func InNetworks(ip *string, networks []netip.Prefix) bool {
	if ip == nil {
		return false
	}
	addrs, ok := ParseAddresses(*ip)
	return ok && !slices.ContainsFunc(addrs, func(addr netip.Addr) bool {
		return !slices.ContainsFunc(networks, func(network netip.Prefix) bool { return network.Contains(addr) })
	})
}
