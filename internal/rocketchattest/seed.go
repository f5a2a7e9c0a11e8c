// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// files are the sample of the public documentation of sessions/list.all, the parts of
// synthetic sessions, roles, permissions, and settings.
//
//go:embed documented.json synthetic.json roles.json permissions.json settings.json
var files embed.FS

// file reads one of them when it is first needed.
func file[T any](name string) func() T {
	return sync.OnceValue(func() T {
		data, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		return decode[T](data)
	})
}

// decode reads what is part of the program.
func decode[T any](data []byte) (value T) {
	if err := json.Unmarshal(data, &value); err != nil {
		panic(fmt.Sprintf("rocketchattest: %v in %.200s", err, data))
	}
	return value
}

var (
	documentedSessions   = file[[]Session]("documented.json")
	syntheticParts       = file[parts]("synthetic.json")
	installedRoles       = file[[]Role]("roles.json")
	installedPermissions = file[[]Permission]("permissions.json")
	installedSettings    = file[[]installedSetting]("settings.json")
)

// DocumentedSessions are the nine rows of the public documentation, newest first.
func DocumentedSessions() []Session { return slices.Clone(documentedSessions()) }

// syntheticSpan is the time within which all synthetic rows log in. The server
// forgets a row 45 days after the day it was counted on (S, Sessions.ts).
const syntheticSpan = 45 * 24 * time.Hour

// SyntheticSessions are n rows of every shape that a workspace lists, newest
// first, the first of them logged in at newest and the last at most 45 days
// before. About one row in ten has the login time of the row before it. The
// same arguments give the same rows, and a thousand have every shape but those
// of [Options.SharedConnections] and [MissingIDs].
func SyntheticSessions(n int, seed uint64, newest time.Time) []Session {
	g := generator{
		parts: syntheticParts(), owners: syntheticOwners(n),
		rng: rand.New(rand.NewPCG(seed, uint64(n))), //nolint:gosec // reproducible, not secret
	}
	gap := syntheticSpan / time.Duration(max(1, n))
	newest = newest.UTC().Truncate(time.Millisecond)
	at := newest
	rows := make([]Session, n)
	for i := range rows {
		if i > 0 && g.rng.IntN(10) > 0 {
			ago := time.Duration(i)*gap + time.Duration(g.rng.Int64N(int64(gap)))
			at = newest.Add(-ago.Truncate(time.Millisecond))
		}
		rows[i] = g.session(i, at)
	}
	return rows
}

func sharedConnections(rows []Session) []Session {
	shared := slices.Clone(rows)
	for i := 36; i < len(shared); i += 37 {
		row, other := &shared[i], shared[i-1]
		row.SessionID, row.ID = other.SessionID, other.ID
		row.Device, row.Host, row.IP = other.Device, other.Host, other.IP
	}
	return shared
}

// MissingIDs returns a copy of rows in which every seventh lacks sessionId and
// _id, as rows could before release 6.6.
func MissingIDs(rows []Session) []Session {
	without := slices.Clone(rows)
	for i := 3; i < len(without); i += 7 {
		without[i].SessionID, without[i].ID = None[string](), None[string]()
	}
	return without
}

// parts are what synthetic rows are put together from, each list in turn. The lengths are
// coprime, so that every part also meets every other. In a text, {n} stands for a number, and
// {x} for the same in hexadecimal: that of the user, or one that makes up an address in a private
// network, or in one for documentation (RFC 5737, RFC 3849).
type parts struct {
	// Devices, Hosts, Addresses and Owners are each a part of a session.
	Devices, Hosts, Addresses, Owners []Session
	// Users are the fields in which odd users differ from most; Sessionless are those of users
	// without sessions alone.
	Users, Sessionless []json.RawMessage
}

// owner is the user of a number, the same at every row; none for a deleted one.
func (p *parts) owner(n int) Optional[User] {
	owner := p.Owners[n%len(p.Owners)].User
	user := &owner.Value
	for _, text := range []*Optional[string]{&user.Username, &user.Name, &user.AvatarETag} {
		*text = numbered(*text, n)
	}
	return owner
}

func numbered(text Optional[string], n int) Optional[string] {
	text.Value = strings.ReplaceAll(text.Value, "{n}", strconv.Itoa(n))
	text.Value = strings.ReplaceAll(text.Value, "{x}", strconv.FormatInt(int64(n), 16))
	return text
}

// generator makes odd rows.
type generator struct {
	parts

	rng    *rand.Rand
	owners int
}

// meteorAlphabet is what Random.id draws from: no character that looks like another.
const meteorAlphabet = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"

func (g *generator) id() string {
	var id [17]byte
	for i := range id {
		id[i] = meteorAlphabet[g.rng.IntN(len(meteorAlphabet))]
	}
	return string(id[:])
}

// session is the i-th row.
func (g *generator) session(i int, at time.Time) Session {
	id, owner := Some(g.id()), g.rng.IntN(g.owners)
	s := Session{
		SessionID: id, ID: id, LoginAt: Some(at),
		UserID: Some(syntheticUserID(owner)), User: g.owner(owner),
		Device: g.Devices[i%len(g.Devices)].Device,
		Host:   g.Hosts[i%len(g.Hosts)].Host,
		IP:     numbered(g.Addresses[i%len(g.Addresses)].IP, g.rng.IntN(254)+1),
	}
	if i%41 == 40 {
		s.LogoutAt = Some(at.Add(time.Minute))
	}
	return s
}

// syntheticOwners is how many users the n rows of [SyntheticSessions] have.
func syntheticOwners(n int) int { return max(1, n/4) }

// syntheticUserID has 17 characters, like any other.
func syntheticUserID(n int) string {
	digits := strconv.Itoa(n)
	return "synthetic00000000"[:17-len(digits)] + digits
}
