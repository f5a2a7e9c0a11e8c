// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"log/slog"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// logHandler forwards to Terraform's log. It cleans each text and hides the secrets
// in it, even if a server or a library repeats one. The client logs none itself.
type logHandler struct {
	redactor *sanitize.Redactor
	attrs    []slog.Attr
}

func newLogHandler(redactor *sanitize.Redactor) slog.Handler { return &logHandler{redactor: redactor} }

// atLevel returns Terraform's functions for a level.
func atLevel(level slog.Level) (enabled func(context.Context) bool, write func(context.Context, string, ...map[string]any)) {
	switch {
	case level < slog.LevelDebug:
		return tflog.IsTrace, tflog.Trace
	case level < slog.LevelInfo:
		return tflog.IsDebug, tflog.Debug
	case level < slog.LevelWarn:
		return tflog.IsInfo, tflog.Info
	case level < slog.LevelError:
		return tflog.IsWarn, tflog.Warn
	default:
		return tflog.IsError, tflog.Error
	}
}

func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	enabled, _ := atLevel(level)
	return enabled(ctx)
}

func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := make(map[string]any)
	add := func(attr slog.Attr) bool {
		switch value := attr.Value.Resolve(); value.Kind() {
		case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64:
			fields[attr.Key] = value.Any()
		default:
			fields[attr.Key] = h.redactor.Line(value.String())
		}
		return true
	}
	for _, attr := range h.attrs {
		add(attr)
	}
	record.Attrs(add)
	_, write := atLevel(record.Level)
	write(ctx, h.redactor.Line(record.Message), fields)
	return nil
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logHandler{redactor: h.redactor, attrs: slices.Concat(h.attrs, attrs)}
}

// WithGroup loses no attribute: the client names no group.
func (h *logHandler) WithGroup(string) slog.Handler { return h }
