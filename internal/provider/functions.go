// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/foreign"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// The functions make the decisions of the arguments of the lists available in
// expressions, with the same code. They take scalars or one session, because Terraform
// would send a whole list to the provider with every call.

// pureFunction is a function that needs no workspace.
type pureFunction struct {
	name       string
	definition function.Definition
	run        func(context.Context, function.ArgumentsData) (any, *function.FuncError)
}

var _ function.Function = pureFunction{}

// Metadata implements [function.Function].
func (f pureFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

// Definition implements [function.Function].
func (f pureFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
}

// Run implements [function.Function].
func (f pureFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var result any
	if result, resp.Error = f.run(ctx, req.Arguments); resp.Error == nil {
		resp.Error = resp.Result.Set(ctx, result)
	}
}

// Functions implements [provider.ProviderWithFunctions].
func (p *rocketchatProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{versionBelow, inNetworks, describe}
}

// nullArguments converts null arguments, which OpenTofu 1.12 sends as a message
// without a value, to the form that Terraform sends and the framework can read.
type nullArguments struct{ bulk.FullServer }

// CallFunction implements [tfprotov6.FunctionServer].
func (s nullArguments) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	const null = 0xc0 // as MessagePack has it
	for i, argument := range req.Arguments {
		if argument == nil || len(argument.MsgPack) == 0 && len(argument.JSON) == 0 {
			req.Arguments[i] = &tfprotov6.DynamicValue{MsgPack: []byte{null}}
		}
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
				"empty or unreadable counts as the lowest.",
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
				"addresses is in the networks only if all of them are, and an address that is null, empty or unreadable is in no network.",
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

func describe() function.Function {
	return pureFunction{
		name: "describe",
		definition: function.Definition{
			Summary: "Describes a session in one line",
			MarkdownDescription: "Describes a session in one line for an error message, whichever fields are null: user, browser or app, " +
				"operating system, address, and when it last connected. " +
				"The line contains no control, bidirectional or zero-width characters, and nothing that a pipeline interprets as a command.",
			Parameters: []function.Parameter{function.DynamicParameter{
				Name:                "session",
				MarkdownDescription: "One session: an element of `sessions`, or a `rocketchat_workspace_session`.",
			}},
			Return: function.StringReturn{},
		},
		run: func(ctx context.Context, args function.ArgumentsData) (any, *function.FuncError) {
			var session types.Dynamic
			if err := args.Get(ctx, &session); err != nil {
				return nil, err
			}
			object, ok := session.UnderlyingValue().(types.Object)
			if !ok || object.Attributes()["session_id"] == nil || object.Attributes()["login_at"] == nil {
				return nil, function.NewArgumentFuncError(0, "This is not a session. Pass one element of `sessions` at a time, as in "+
					"`[for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::describe(s)]`.")
			}
			return foreign.Line(described(object)), nil
		},
	}
}

// describe returns the line before it is cleaned.
func described(session types.Object) string {
	line := textAt(session, "user", "username")
	if line == "" {
		line = textAt(session, "user", "name")
	}
	if id := textAt(session, "user_id"); line == "" && id != "" {
		line = "user " + id
		if user, listed := session.Attributes()["user"]; listed && user.IsNull() {
			line = "deleted user " + id
		}
	}
	if line == "" {
		line = "unknown user"
	}
	device := joined(textAt(session, "device", "name"), textAt(session, "device", "version"))
	if device == "" {
		device = joined(textAt(session, "device", "type"))
	}
	if device == "" {
		device = "unknown client"
	}
	line += ": " + device
	if os := joined(textAt(session, "device", "os", "name"), textAt(session, "device", "os", "version")); os != "" {
		line += " on " + os
	}
	if ip := textAt(session, "ip"); ip != "" {
		line += ", from " + ip
	}
	if at := textAt(session, "login_at"); at != "" {
		line += ", last connected " + at
	}
	return line
}

func joined(parts ...string) string { return strings.TrimSpace(strings.Join(parts, " ")) }

// textAt returns the text at a path inside an object, empty if there is none.
func textAt(object types.Object, path ...string) string {
	var value attr.Value = object
	for _, name := range path {
		inside, ok := value.(types.Object)
		if !ok {
			return ""
		}
		value = inside.Attributes()[name]
	}
	text, _ := value.(types.String)
	return text.ValueString()
}
