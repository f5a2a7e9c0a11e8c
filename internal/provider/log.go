// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// logHandler forwards to Terraform's log and masks secrets on the way. The
// client logs none; this holds even where a server or a library repeats one.
type logHandler struct {
	secrets []string
	attrs   map[string]any
	prefix  string
}

var _ slog.Handler = (*logHandler)(nil)

// newLogHandler masks secrets, the longest first, so that no secret that is
// part of another leaves the rest of that one readable.
func newLogHandler(secrets []string) *logHandler {
	longestFirst := slices.Clone(secrets)
	slices.SortFunc(longestFirst, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	return &logHandler{secrets: longestFirst}
}

// Enabled implements [slog.Handler].
func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	switch {
	case level < slog.LevelDebug:
		return tflog.IsTrace(ctx)
	case level < slog.LevelInfo:
		return tflog.IsDebug(ctx)
	case level < slog.LevelWarn:
		return tflog.IsInfo(ctx)
	case level < slog.LevelError:
		return tflog.IsWarn(ctx)
	default:
		return tflog.IsError(ctx)
	}
}

// Handle implements [slog.Handler].
func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := make(map[string]any, len(h.attrs)+record.NumAttrs())
	maps.Copy(fields, h.attrs)
	record.Attrs(func(attr slog.Attr) bool {
		addFields(fields, h.prefix, attr)
		return true
	})
	ctx = tflog.MaskLogStrings(ctx, h.secrets...)
	switch {
	case record.Level < slog.LevelDebug:
		tflog.Trace(ctx, record.Message, fields)
	case record.Level < slog.LevelInfo:
		tflog.Debug(ctx, record.Message, fields)
	case record.Level < slog.LevelWarn:
		tflog.Info(ctx, record.Message, fields)
	case record.Level < slog.LevelError:
		tflog.Warn(ctx, record.Message, fields)
	default:
		tflog.Error(ctx, record.Message, fields)
	}
	return nil
}

// WithAttrs implements [slog.Handler].
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	fields := make(map[string]any, len(h.attrs)+len(attrs))
	maps.Copy(fields, h.attrs)
	for _, attr := range attrs {
		addFields(fields, h.prefix, attr)
	}
	return &logHandler{secrets: h.secrets, attrs: fields, prefix: h.prefix}
}

// WithGroup implements [slog.Handler].
func (h *logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &logHandler{secrets: h.secrets, attrs: h.attrs, prefix: h.prefix + name + "."}
}

// addFields flattens groups, and turns every value that is neither a number
// nor a truth value into text, because tflog masks nothing but text.
func addFields(fields map[string]any, prefix string, attr slog.Attr) {
	value := attr.Value.Resolve()
	switch value.Kind() {
	case slog.KindGroup:
		if attr.Key != "" {
			prefix += attr.Key + "."
		}
		for _, member := range value.Group() {
			addFields(fields, prefix, member)
		}
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64:
		fields[prefix+attr.Key] = value.Any()
	default:
		if attr.Key != "" {
			fields[prefix+attr.Key] = value.String()
		}
	}
}
