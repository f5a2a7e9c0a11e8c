// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

var (
	errNoScheme = errors.New("must begin with https:// or http://, such as https://chat.example.com")
	errIPv6     = errors.New("has an IPv6 address that is not in brackets or is malformed; write it as " +
		"https://[2001:db8::1] or https://[2001:db8::1]:3000")
	errNoURL = errors.New("is not a URL; write it as https://chat.example.com, with a port and a path only if the workspace has them")
	errUser  = errors.New("must not contain a user name or password; if a gateway requires them, set the header Authorization in `headers`")
)

// ParseURL reads the root address of a workspace. A sub-path is kept, trailing
// slashes are not: release 8 responds to `//api` with the web client. An error
// never quotes the address, which may carry a password.
func ParseURL(raw string) (*url.URL, error) {
	trimmed := strings.TrimSpace(raw)
	if trimmed == "" {
		return nil, errors.New("is empty")
	}
	scheme, rest, _ := strings.Cut(trimmed, "://")
	if !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return nil, errNoScheme
	}
	if host, _, _ := strings.Cut(rest, "/"); isBareIPv6(host) {
		return nil, errIPv6
	}
	u, err := url.Parse(trimmed)
	switch {
	case err != nil && strings.ContainsAny(rest, "[]"):
		return nil, errIPv6
	case err != nil:
		return nil, errNoURL
	case u.User != nil:
		return nil, errUser
	case u.Hostname() == "":
		return nil, errors.New("has no host")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("must not contain a query")
	case u.Fragment != "" || strings.Contains(trimmed, "#"):
		return nil, errors.New("must not contain a fragment")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("has a port that does not exist")
		}
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// isBareIPv6 reports whether a host, with or without a port, is an IPv6 address without brackets.
func isBareIPv6(host string) bool {
	addr, err := netip.ParseAddr(host)
	if last := strings.LastIndexByte(host, ':'); err != nil && last >= 0 {
		addr, err = netip.ParseAddr(host[:last])
	}
	return err == nil && addr.Is6()
}

// IsLoopback reports whether u names this machine, so that plain http is safe.
func IsLoopback(u *url.URL) bool {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// origin is the scheme, host and port of u in one form.
func origin(u *url.URL) string {
	scheme, port := strings.ToLower(u.Scheme), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	return scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
