// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// listAll answers sessions/list.all: every session of the workspace.
func (w *Workspace) listAll(x *exchange) *answer {
	return w.list(x, w.store.filter, func(r *row) []byte { return r.json })
}

// listOwn answers sessions/list: the caller's own sessions, without _user,
// and, where the release says so, whether the caller's token is theirs.
func (w *Workspace) listOwn(x *exchange) *answer {
	own := func(filter string) []*row { return w.store.own(x.user.UserID, filter) }
	return w.list(x, own, func(r *row) []byte {
		s := r.session()
		s.User = None[User]()
		if w.behaviour.marksCurrent {
			s.Current = Some(r.token == x.token)
		}
		return s.appendJSON(nil)
	})
}

// list cuts a page from the matching rows in descending order of login, and
// sorts within it.
func (w *Workspace) list(x *exchange, find func(filter string) []*row, encode func(*row) []byte) *answer {
	p := w.pagination(x.params)
	keys, refused := w.parseSort(x.params)
	switch {
	case refused != nil:
		return refused
	case slices.ContainsFunc(keys, func(k sortKey) bool { return !sortable(k.field) }):
		return plainError(http.StatusBadRequest, "error-invalid-sort-keys")
	}
	filter := x.params.texts["filter"]
	switch {
	case strings.ContainsRune(filter, 0):
		return plainError(http.StatusBadRequest, "Regular expression cannot contain an embedded null byte")
	case p.count == 0:
		return plainError(http.StatusBadRequest, "the limit must be positive")
	case p.count < 0:
		return negativeLimit(p.count)
	}
	found := find(filter)
	rows := sortPage(page(found, p.offset, p.count, w.swap(x)), keys)
	encoded := make([][]byte, len(rows))
	for i, r := range rows {
		encoded[i] = encode(r)
	}
	return listAnswer(encoded, len(found), p)
}

// negativeLimit is the database's refusal.
func negativeLimit(count int64) *answer {
	return plainError(http.StatusBadRequest,
		"invalid argument to $limit stage: Expected a non-negative number in: $limit: "+strconv.FormatInt(count, 10))
}

// swap is the order of ties for one request, nil for the constant one.
func (w *Workspace) swap(x *exchange) *rand.Rand {
	if !w.options.SwapTies {
		return nil
	}
	return rand.New(rand.NewPCG(w.options.Seed, uint64(x.number))) //nolint:gosec // reproducible, not secret
}
