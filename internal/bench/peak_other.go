// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package main

import "os"

// peakOf is not known here.
func peakOf(*os.ProcessState) int64 { return 0 }
