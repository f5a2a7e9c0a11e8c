// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// settings are the flags and arguments.
type settings struct {
	listen, urlFile, envFile, account string
	workspace                         rocketchattest.Options
}

// parse reads the flags and arguments. Usage and errors go to stderr.
func parse(args []string, stderr io.Writer) (settings, error) {
	s := settings{}
	flags := flag.NewFlagSet("rocketchat-simulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:3000", "`address` to listen on; port 0 picks a free port")
	flags.StringVar(&s.urlFile, "url-file", "", "`file` to write the URL to")
	flags.StringVar(&s.envFile, "env-file", "", "`file` to write the environment variables to, readable only by its owner")
	flags.StringVar(&s.account, "account", "viewtotp",
		"`name` of the account whose credentials are printed; one of "+strings.Join(accountNames(), ", "))
	o := &s.workspace
	o.SharedConnections = true // as a real workspace has them
	flags.StringVar((*string)(&o.Release), "release", string(rocketchattest.Release861),
		"Rocket.Chat `release` to simulate; one of "+releaseNames())
	flags.IntVar(&o.Synthetic, "sessions", 0, "`number` of synthetic sessions; 0 serves the nine of Rocket.Chat's documentation")
	flags.IntVar(&o.SyntheticUsers, "users", 0, "`number` of synthetic users without a session, in addition to the owners of the sessions; "+
		"0 adds some of every kind to synthetic sessions, and none to the documented ones")
	flags.BoolVar(&o.MissingIDs, "missing-ids", false,
		"leave out the IDs of every seventh synthetic session, which releases before 6.6 can lack")
	flags.Uint64Var(&o.Seed, "seed", 0, "`number` that determines the synthetic sessions")
	limit := flags.String("rate-limit", "on", "whether the rate limit applies: `on|off`")
	flags.IntVar(&o.RateLimit.Calls, "rate-limit-calls", 10,
		"`number` of calls in one window of the rate limit, for each endpoint and client address")
	flags.DurationVar(&o.RateLimit.Window, "rate-limit-window", time.Minute, "length of a window of the rate limit")
	flags.Func("reconnect", "`rate` at which clients connect again, which replaces their rows: a number per page that is read or per second, "+
		"such as 3/page, 0.7/s, or both with a comma; by default, none does", func(text string) (err error) {
		o.Reconnections, err = reconnections(text)
		return err
	})
	var values []string
	flags.Func("setting", "`ID=VALUE` of a setting of the workspace, such as Accounts_LoginExpiration=30; can be given several times",
		func(text string) error {
			values = append(values, text)
			return nil
		})
	license := flags.Bool("license", true, "whether the workspace has a premium license, which the sessions need")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	o.RateLimit.Off, o.NoLicense = *limit == "off", !*license
	err := errors.Join(check(o, *limit), set(o, values))
	return s, err
}

// set has settings of the workspace have other values, of the same type as those that its release installs.
func set(o *rocketchattest.Options, values []string) error {
	installed := rocketchattest.DefaultSettings(o.Release)
	o.SettingValues = map[string]any{}
	for _, text := range values {
		id, written, ok := strings.Cut(text, "=")
		if !ok {
			return fmt.Errorf("-setting %s: want ID=VALUE", text)
		}
		at := slices.IndexFunc(installed, func(setting rocketchattest.Setting) bool { return setting.ID == id })
		if at < 0 {
			return fmt.Errorf("-setting %s: release %s has no setting %s", text, o.Release, id)
		}
		var value any = written
		if _, isText := installed[at].Value.(string); !isText {
			if err := json.Unmarshal([]byte(written), &value); err != nil || reflect.TypeOf(value) != reflect.TypeOf(installed[at].Value) {
				return fmt.Errorf("-setting %s: want a value like %v", text, installed[at].Value)
			}
		}
		switch {
		case id == "Accounts_TwoFactorAuthentication_Enabled":
			o.TwoFactorOff = value == false
		case id == "Accounts_TwoFactorAuthentication_Enforce_Password_Fallback":
			o.PasswordFallbackOff = value == false
		case o.HasOption(id):
			return fmt.Errorf("-setting %s: its value follows from the other flags", text)
		default:
			o.SettingValues[id] = value
		}
	}
	return nil
}

// reconnections reads rates such as 3/page,0.7/s.
func reconnections(text string) (rates rocketchattest.Reconnections, err error) {
	for part := range strings.SplitSeq(text, ",") {
		number, unit, _ := strings.Cut(part, "/")
		rate, err := strconv.ParseFloat(number, 64)
		field, known := map[string]*float64{"page": &rates.PerPage, "s": &rates.PerSecond}[unit]
		if err != nil || !known || *field != 0 || !(rate >= minReconnections && rate <= maxReconnections) {
			return rates, fmt.Errorf("want %g to %g per page or per second, such as 3/page, 0.7/s, or 3/page,0.7/s",
				minReconnections, maxReconnections)
		}
		*field = rate
	}
	return rates, nil
}

// The least and the most reconnections per page and per second that make sense.
const (
	minReconnections = 0.001
	maxReconnections = 1000.0
)

// check refuses values that mean nothing.
func check(o *rocketchattest.Options, limit string) error {
	switch {
	case !slices.Contains(rocketchattest.Releases(), o.Release):
		return fmt.Errorf("-release %s: want one of %s", o.Release, releaseNames())
	case limit != "on" && limit != "off":
		return fmt.Errorf("-rate-limit %s: want on or off", limit)
	case o.RateLimit.Calls < 1:
		return fmt.Errorf("-rate-limit-calls %d: want at least 1", o.RateLimit.Calls)
	case o.RateLimit.Window < time.Millisecond:
		return fmt.Errorf("-rate-limit-window %s: want at least 1ms", o.RateLimit.Window)
	case o.Synthetic < 0:
		return fmt.Errorf("-sessions %d: want 0 or more", o.Synthetic)
	case o.SyntheticUsers < 0:
		return fmt.Errorf("-users %d: want 0 or more", o.SyntheticUsers)
	}
	return nil
}

func releaseNames() string {
	var names []string
	for _, r := range rocketchattest.Releases() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

func accountNames() []string {
	var names []string
	for _, a := range rocketchattest.DefaultAccounts() {
		names = append(names, a.Username)
	}
	return names
}
