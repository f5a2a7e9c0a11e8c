// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import "net/http"

// NewTransport is the transport of a client that has none configured, for tests of faults
// below it.
func NewTransport(c *Config) *http.Transport { return newTransport(c) }
