// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// files are lists in JSON: the sample of the public documentation of
// sessions/list.all, rows with a device of every shape, roles,
// permissions, and settings.
//
//go:embed documented.json devices.json roles.json permissions.json settings.json
var files embed.FS

func read[T any](name string) []T {
	var list []T
	data, err := files.ReadFile(name)
	if err := errors.Join(err, json.Unmarshal(data, &list)); err != nil {
		panic(fmt.Sprintf("rocketchattest: %s: %v", name, err))
	}
	return list
}

// DocumentedSessions are the nine rows of the public documentation, newest first.
func DocumentedSessions() []Session { return read[Session]("documented.json") }

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
		rng:     rand.New(rand.NewPCG(seed, uint64(n))), //nolint:gosec // reproducible, not secret
		users:   syntheticOwners(n),
		devices: read[Session]("devices.json"),
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
	without := make([]Session, len(rows))
	for i, row := range rows {
		if i%7 == 3 {
			row.SessionID, row.ID = None[string](), None[string]()
		}
		without[i] = row
	}
	return without
}

// generator makes odd rows.
type generator struct {
	rng     *rand.Rand
	users   int
	devices []Session
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

// session is the i-th row. Every shape comes round: i cycles through users,
// clients and addresses with coprime periods, so that they also meet.
func (g *generator) session(i int, at time.Time) Session {
	id := Some(g.id())
	user := g.rng.IntN(g.users)
	s := Session{
		SessionID: id, ID: id,
		UserID:  Some(syntheticUserID(user)),
		LoginAt: Some(at),
		Device:  g.devices[i%len(g.devices)].Device,
		Host:    syntheticHost(i),
		IP:      g.ip(i),
		User:    syntheticUser(user),
	}
	if i%41 == 40 {
		s.LogoutAt = Some(at.Add(time.Minute))
	}
	return s
}

// syntheticOwners is how many users the n rows of [SyntheticSessions] have.
func syntheticOwners(n int) int {
	return max(1, n/4)
}

// syntheticUserID has 17 characters, like any other.
func syntheticUserID(n int) string {
	digits := strconv.Itoa(n)
	return "synthetic00000000"[:17-len(digits)] + digits
}

// syntheticUser is the user of a number, the same at every row; none for a
// deleted one.
func syntheticUser(n int) Optional[User] {
	username := Some("user." + strconv.Itoa(n))
	named := func(name Optional[string]) Optional[User] {
		return Some(User{Username: username, Name: name})
	}
	switch n % 23 {
	case 3:
		return None[User]()
	case 5:
		return named(None[string]())
	case 7:
		return named(Some("Zoë Łukasiewicz 🚀"))
	case 9:
		return Some(User{Username: Some("محمد." + strconv.Itoa(n)), Name: Some("山田 太郎")})
	case 11:
		return named(Some("Ann \"The\\Slash\" <b>O'Neil</b>\nLine2"))
	case 13:
		return Some(User{
			Username: username, Name: Some("User " + strconv.Itoa(n)),
			AvatarETag: Some("etag" + strconv.Itoa(n)), AvatarOrigin: Some("upload"),
		})
	case 15:
		return named(Some(""))
	case 17:
		return named(NullOf[string]())
	default:
		return named(Some("User " + strconv.Itoa(n)))
	}
}

func syntheticHost(i int) Optional[string] {
	switch i % 11 {
	case 4:
		return NullOf[string]()
	case 7:
		return None[string]()
	case 9:
		return Some("")
	case 10:
		return Some("localhost:3000")
	default:
		return Some("chat.example.invalid")
	}
}

// ip draws from the documentation networks of RFC 5737 and RFC 3849 and from
// private ones.
func (g *generator) ip(i int) Optional[string] {
	n := g.rng.IntN(254) + 1
	switch i % 13 {
	case 2:
		return NullOf[string]()
	case 3:
		return None[string]()
	case 5:
		return Some("")
	case 6:
		return Some(fmt.Sprintf("2001:db8::%x", n))
	case 7:
		return Some(fmt.Sprintf("::ffff:192.0.2.%d", n))
	case 8:
		return Some(fmt.Sprintf("203.0.113.%d, 10.0.0.%d", n, n))
	case 9, 10:
		return Some(fmt.Sprintf("10.1.2.%d", n))
	case 11:
		return Some("unknown")
	default:
		return Some(fmt.Sprintf("198.51.100.%d", n))
	}
}
