// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package bulk

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// maxListBytes is the maximum size of a list: Terraform and its plugins refuse messages
// over 256 MiB, and the rest of the message needs space, too.
const maxListBytes = 255 << 20

// FullServer is a protocol-6 server with all optional parts of the protocol, like the
// framework's. They are found by type assertion, so a wrapper that omits one disables
// it.
type FullServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ProviderServerWithListResource //nolint:staticcheck // deprecated for when it becomes part of ProviderServer
	tfprotov6.ProviderServerWithActions      //nolint:staticcheck // as above
	tfprotov6.ProviderServerWithStateStores  //nolint:staticcheck // as above
}

// Server is a framework server with a faster encoder of long lists.
type Server struct {
	FullServer
	most int
}

var _ FullServer = (*Server)(nil)

// NewServer wraps the framework's server.
func NewServer(framework FullServer) *Server {
	return &Server{FullServer: framework, most: maxListBytes}
}

// ReadDataSource implements [tfprotov6.DataSourceServer].
func (s *Server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	ctx, list := withList(ctx)
	defer list.clear()
	resp, err := s.FullServer.ReadDataSource(ctx, req)
	if err != nil || list.Encode == nil {
		return resp, err
	}
	resp.State, resp.Diagnostics = s.fill(resp.State, resp.Diagnostics, list)
	return resp, nil
}

// OpenEphemeralResource implements [tfprotov6.EphemeralResourceServer].
func (s *Server) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	ctx, list := withList(ctx)
	defer list.clear()
	resp, err := s.FullServer.OpenEphemeralResource(ctx, req)
	if err != nil || list.Encode == nil {
		return resp, err
	}
	resp.Result, resp.Diagnostics = s.fill(resp.Result, resp.Diagnostics, list)
	return resp, nil
}

// fill puts the list into a result, or says why it cannot be there.
func (s *Server) fill(
	result *tfprotov6.DynamicValue, diags []*tfprotov6.Diagnostic, list *List,
) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic) {
	for _, diag := range diags {
		if diag.Severity == tfprotov6.DiagnosticSeverityError {
			return result, diags
		}
	}
	fail := func(summary, detail string) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic) {
		return result, append(diags, &tfprotov6.Diagnostic{
			Severity: tfprotov6.DiagnosticSeverityError, Summary: summary, Detail: detail,
		})
	}
	size, err := list.size()
	if err != nil {
		return fail(cannotEncode, err.Error())
	}
	if size > s.most {
		return fail(list.TooLarge(size, s.most))
	}
	message, err := splice(result.MsgPack, list, size)
	if err != nil {
		return fail(cannotEncode, err.Error())
	}
	return &tfprotov6.DynamicValue{MsgPack: message}, diags
}

const cannotEncode = "The provider could not encode its result; this is a bug in the provider"
