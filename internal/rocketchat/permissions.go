// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"fmt"
)

// maxPermissions bounds the permissions of a workspace, which come unpaged.
const maxPermissions = 100_000

// Permissions reads which roles hold each permission of the workspace: IDs of roles by
// the ID of the permission. A permission that the release does not have is not there.
// Any account may read them. A read serves others for a minute; callers share it and
// must not change it. Errors are those of [Client.Roles].
func (c *Client) Permissions(ctx context.Context) (map[string][]string, error) {
	return c.permissions.readOnce(ctx, decodePermissions)
}

// permissionRow is a row of permissions.listAll.
type permissionRow struct {
	ID    string    `json:"_id"`
	Roles *[]string `json:"roles"`
}

// decodePermissions reads a response of permissions.listAll, which has no total.
func decodePermissions(body []byte) (map[string][]string, error) {
	rows, _, err := decodeList[permissionRow](body, "update", maxPermissions, nil)
	if err == nil && len(rows) == 0 {
		err = &IncompleteError{Why: "the workspace lists no permissions"}
	}
	if err != nil {
		return nil, err
	}
	held := make(map[string][]string, len(rows))
	for i, p := range rows {
		_, twice := held[p.ID]
		switch {
		case p.ID == "":
			return nil, fmt.Errorf("permission %d of the response has no ID", i)
		case p.Roles == nil:
			return nil, fmt.Errorf("permission %d of the response has no roles", i)
		case twice:
			return nil, fmt.Errorf("permission %d of the response has the ID of another", i)
		}
		held[p.ID] = *p.Roles
	}
	return held, nil
}

var errAnotherAccount = errors.New("the response is about another account")

// OwnRoles reads the IDs of the calling account's roles; nil if the workspace does not
// say. Nothing else of the response is kept: it has e-mail addresses and preferences. A
// read serves others for a minute; callers share it and must not change it. Errors are
// those of [Client.Roles].
func (c *Client) OwnRoles(ctx context.Context) ([]string, error) {
	return c.ownRoles.readOnce(ctx, func(body []byte) ([]string, error) { return decodeOwnRoles(body, c.config.UserID) })
}

// decodeOwnRoles reads a response of me, which must be about the account.
func decodeOwnRoles(body []byte, userID string) ([]string, error) {
	var own struct {
		ID    string   `json:"_id"`
		Roles []string `json:"roles"`
	}
	switch err := unmarshalGood(body, &own); {
	case err != nil:
		return nil, err
	case own.ID != userID:
		return nil, errAnotherAccount
	}
	return own.Roles, nil
}
