// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// The functions make the decisions of the arguments of the lists available in
// expressions, with the same code.

// pureFunction is a function that needs no workspace.
type pureFunction struct {
	name       string
	definition function.Definition
	run        func(context.Context, function.ArgumentsData) (any, *function.FuncError)
}

var _ function.Function = pureFunction{}

func (f pureFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f pureFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
}

func (f pureFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var result any
	if result, resp.Error = f.run(ctx, req.Arguments); resp.Error == nil {
		resp.Error = resp.Result.Set(ctx, result)
	}
}

func (p *rocketchatProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{versionBelow, inNetworks, describe, device, summarize}
}

// functionArguments converts arguments to a form that the framework can read.
type functionArguments struct{ bulk.FullServer }

func (s functionArguments) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	const null = 0xc0 // as MessagePack has it
	for i, argument := range req.Arguments {
		// OpenTofu 1.12 sends null as a message without a value.
		if argument == nil || len(argument.MsgPack) == 0 && len(argument.JSON) == 0 {
			req.Arguments[i] = &tfprotov6.DynamicValue{MsgPack: []byte{null}}
		}
	}
	if takesSessions(req.Name) && len(req.Arguments) > 0 {
		argument, err := encodedSessions(req.Arguments[0].MsgPack)
		if err != nil {
			return nil, err
		}
		req.Arguments[0] = argument
	}
	return s.FullServer.CallFunction(ctx, req)
}

func versionBelow() function.Function {
	return pureFunction{
		name: "version_below",
		definition: function.Definition{
			Summary: "Returns whether a version is lower than another",
			MarkdownDescription: "Returns whether `version` is lower than `bound`. The function compares like `device_version_below` and " +
				"`os_version_below` of `rocketchat_workspace_sessions`: number by number, so `9` is below `113.0.5`. A version that is null, " +
				"empty or malformed counts as the lowest.",
			Parameters: []function.Parameter{
				function.StringParameter{
					Name: "version", AllowNullValue: true,
					MarkdownDescription: "Version that a client reported, such as `device.version` of a session; can be null.",
				},
				function.StringParameter{
					Name: "bound", MarkdownDescription: "Version to compare with, in quotes: numbers with dots between them, such as `\"113\"` or " +
						"`\"10.15.7\"`. Terraform converts a number before the function sees it, so that `4.50` arrives as `4.5`. `\"0\"` is an " +
						"error, because no version is lower.",
				},
			},
			Return: function.BoolReturn{},
		},
		run: func(ctx context.Context, args function.ArgumentsData) (any, *function.FuncError) {
			var reported *string
			var text string
			if err := args.Get(ctx, &reported, &text); err != nil {
				return nil, err
			}
			bound, err := table.ParseVersion(text)
			if err != nil {
				return nil, function.NewArgumentFuncError(1, "The bound "+err.Error()+".")
			}
			return bound.Below(reported), nil
		},
	}
}

func inNetworks() function.Function {
	return pureFunction{
		name: "in_networks",
		definition: function.Definition{
			Summary: "Returns whether an address is in one of several networks",
			MarkdownDescription: "Returns whether the address of a session is in one of the networks. The function compares like " +
				"`within_cidrs` of `rocketchat_workspace_sessions`: IPv4-mapped addresses count as IPv4, ports and zones are ignored, a list of " +
				"addresses is in the networks only if all of them are, and an address that is null, empty or malformed is in no network.",
			Parameters: []function.Parameter{
				function.StringParameter{
					Name: "address", AllowNullValue: true, MarkdownDescription: "Address, such as `ip` of a session; can be null.",
				},
				function.ListParameter{
					Name: "cidrs", ElementType: types.StringType,
					MarkdownDescription: "Networks in CIDR notation, IPv4 or IPv6, without host bits: `10.1.2.3/8` is an error. No address is in an " +
						"empty list.",
				},
			},
			Return: function.BoolReturn{},
		},
		run: func(ctx context.Context, args function.ArgumentsData) (any, *function.FuncError) {
			var address *string
			var cidrs []types.String
			if err := args.Get(ctx, &address, &cidrs); err != nil {
				return nil, err
			}
			networks := make([]netip.Prefix, 0, len(cidrs))
			for i, cidr := range cidrs {
				if cidr.IsNull() {
					return nil, function.NewArgumentFuncError(1, fmt.Sprintf("Network %d of the list is null. Remove the element.", i))
				}
				network, err := sessions.ParseNetwork(cidr.ValueString())
				if err != nil {
					return nil, function.NewArgumentFuncError(1, fmt.Sprintf("Network %d of the list: %s.", i, err))
				}
				networks = append(networks, network)
			}
			return sessions.InNetworks(address, networks), nil
		},
	}
}
