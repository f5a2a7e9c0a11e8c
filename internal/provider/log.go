// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"log/slog"
	"maps"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// logHandler forwards to Terraform's log. It cleans each text and hides the secrets
// in it, even if a server or a library repeats one. The client logs none itself.
type logHandler struct {
	redactor *sanitize.Redactor
	attrs    map[string]any
	prefix   string
}

var _ slog.Handler = (*logHandler)(nil)

func newLogHandler(redactor *sanitize.Redactor) *logHandler { return &logHandler{redactor: redactor} }

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

// Enabled implements [slog.Handler].
func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	enabled, _ := atLevel(level)
	return enabled(ctx)
}

// Handle implements [slog.Handler].
func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := make(map[string]any, len(h.attrs)+record.NumAttrs())
	maps.Copy(fields, h.attrs)
	record.Attrs(func(attr slog.Attr) bool {
		h.addFields(fields, h.prefix, attr)
		return true
	})
	_, write := atLevel(record.Level)
	write(ctx, h.redactor.Line(record.Message), fields)
	return nil
}

// WithAttrs implements [slog.Handler].
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	fields := make(map[string]any, len(h.attrs)+len(attrs))
	maps.Copy(fields, h.attrs)
	for _, attr := range attrs {
		h.addFields(fields, h.prefix, attr)
	}
	return &logHandler{redactor: h.redactor, attrs: fields, prefix: h.prefix}
}

// WithGroup implements [slog.Handler].
func (h *logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &logHandler{redactor: h.redactor, attrs: h.attrs, prefix: h.prefix + name + "."}
}

// addFields flattens groups, and converts every value that is neither a number nor a
// bool to text, in which it can find secrets.
func (h *logHandler) addFields(fields map[string]any, prefix string, attr slog.Attr) {
	value := attr.Value.Resolve()
	switch value.Kind() {
	case slog.KindGroup:
		if attr.Key != "" {
			prefix += attr.Key + "."
		}
		for _, member := range value.Group() {
			h.addFields(fields, prefix, member)
		}
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64:
		fields[prefix+attr.Key] = value.Any()
	default:
		if attr.Key != "" {
			fields[prefix+attr.Key] = h.redactor.Line(value.String())
		}
	}
}
