// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// resultList is the value of the attribute name, a list of all rows: the list itself,
// or an empty one if the server around the framework writes the rows into the message.
// tooLarge explains a list that does not fit into a message.
func resultList[T any](
	ctx context.Context, name string, fields []table.Field[T], all []*T, tooLarge func(count, size, most int) (summary, detail string),
) types.List {
	object := newRowObject(fields)
	list := bulk.ListOf(ctx)
	if list == nil {
		return object.listValue(all)
	}
	*list = bulk.List{
		Attribute: name,
		Len:       len(all),
		Encode:    func(enc *msgpack.Encoder, i int) error { return object.encode(enc, all[i]) },
		TooLarge:  func(size, most int) (string, string) { return tooLarge(len(all), size, most) },
	}
	return object.listValue(nil)
}

// tooManySessions explains a result that Terraform would refuse with a message
// about gRPC.
func tooManySessions(count, size, most int) (summary, detail string) {
	const mebibyte = 1 << 20
	return "More sessions than Terraform can take in one result",
		fmt.Sprintf("%d sessions take %d MiB, and Terraform takes no result over %d MiB from a provider. "+
			"Ask for fewer: `limit`, with `offset` for the next part; `filter`, `match`, `exclude`, `within_cidrs`, `outside_cidrs`, "+
			"`logged_in_before` or `logged_in_after` for those that a rule is about; or `search`, which also makes the workspace send fewer.",
			count, size/mebibyte, most/mebibyte)
}
