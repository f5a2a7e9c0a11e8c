// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"encoding/json"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// value is a parameter before its type is checked: text, or, from a JSON body
// or a query such as a[]=1, something else.
type value struct {
	text string
	// other is what cannot be read as text: an object or an array.
	other bool
}

// values are parameters by name.
type values map[string]value

// parameters are those of a route after the check.
type parameters struct {
	texts   map[string]string
	numbers map[string]float64
}

// schema is what a route accepts; anything else is refused.
type schema struct {
	texts, numbers, required []string
	// ignoresUnknown takes any query and reads of it what it can.
	ignoresUnknown bool
	// emptyIsNone takes an empty number for none.
	emptyIsNone bool
}

// check reads values as the server's validator does: required properties,
// then unknown ones, then types. The refusal is the validator's text, or empty.
func (s schema) check(given values) (p parameters, refusal string) {
	p = parameters{texts: map[string]string{}, numbers: map[string]float64{}}
	if s.ignoresUnknown {
		return s.read(given), ""
	}
	for _, name := range s.required {
		if _, ok := given[name]; !ok {
			return p, "must have required property '" + name + "'"
		}
	}
	for name := range given {
		if !slices.Contains(s.texts, name) && !slices.Contains(s.numbers, name) {
			return p, "must NOT have additional properties"
		}
	}
	for _, name := range s.numbers {
		v, ok := given[name]
		if !ok {
			continue
		}
		if v == (value{}) && s.emptyIsNone {
			continue
		}
		number, ok := jsNumber(v.text)
		if v.other || v.text == "" || !ok {
			return p, "must be number"
		}
		p.numbers[name] = number
	}
	for _, name := range s.texts {
		v, ok := given[name]
		if !ok {
			continue
		}
		if v.other {
			return p, "must be string"
		}
		p.texts[name] = v.text
	}
	return p, ""
}

// read takes what can be read of a query that nothing checks.
func (s schema) read(given values) parameters {
	p := parameters{texts: map[string]string{}, numbers: map[string]float64{}}
	for _, name := range s.numbers {
		if v, ok := given[name]; ok {
			if number, ok := jsNumber(v.text); ok {
				p.numbers[name] = number
			}
		}
	}
	for _, name := range s.texts {
		if v, ok := given[name]; ok {
			p.texts[name] = v.text
		}
	}
	return p
}

// parseQuery reads a query as qs does: a name given twice or with brackets is
// no text. It is false when something cannot be decoded, which is then kept as
// it came.
func parseQuery(raw string) (values, bool) {
	given, ok := values{}, true
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		name, nameOK := unescape(name)
		text, textOK := unescape(text)
		ok = ok && nameOK && textOK
		name, _, bracket := strings.Cut(name, "[")
		_, twice := given[name]
		given[name] = value{text: text, other: bracket || twice}
	}
	return given, ok
}

func unescape(s string) (string, bool) {
	decoded, err := url.QueryUnescape(s)
	if err != nil {
		return strings.ReplaceAll(s, "+", " "), false
	}
	return decoded, true
}

// parseBody reads a JSON body; any other counts as empty. It is false for
// broken JSON.
func parseBody(r *http.Request, body []byte) (values, bool) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || len(body) == 0 || kind != typeJSON {
		return values{}, true
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return values{}, json.Valid(body)
	}
	given := values{}
	for name, raw := range fields {
		given[name] = bodyValue(raw)
	}
	return given, true
}

// bodyValue turns a JSON value into text as the validator does: numbers and
// booleans as they are written, null as nothing.
func bodyValue(raw json.RawMessage) value {
	switch raw[0] {
	case '{', '[':
		return value{other: true}
	case 'n':
		return value{}
	case '"':
		var text string
		_ = json.Unmarshal(raw, &text)
		return value{text: text}
	default:
		return value{text: string(raw)}
	}
}

// jsNumber is what JavaScript's Number makes of a text; false for what is not
// a finite number.
func jsNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, true
	}
	if len(s) > 2 && s[0] == '0' && strings.ContainsRune("xXoObB", rune(s[1])) {
		n, err := strconv.ParseUint(s, 0, 64)
		return float64(n), err == nil && !strings.Contains(s, "_")
	}
	if strings.Trim(s, "+-.eE0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// jsParseInt is parseInt(String(n)): the integer part, but only the first
// digits of what JavaScript writes with an exponent.
func jsParseInt(n float64) int64 {
	const exponentFrom, exponentBelow = 1e21, 1e-6
	if size := math.Abs(n); size >= exponentFrom || (size > 0 && size < exponentBelow) {
		mantissa := strconv.FormatFloat(n, 'e', -1, 64)
		mantissa, _, _ = strings.Cut(mantissa, "e")
		n, _ = strconv.ParseFloat(mantissa, 64)
	}
	const beyond = 1 << 62
	return int64(math.Trunc(min(max(n, -beyond), beyond)))
}

// pagination is the page that a request asks for, in the figures that the
// answer repeats.
type pagination struct{ offset, count int64 }

// pagination reads offset and count as getPaginationItems does.
func (w *Workspace) pagination(p parameters) pagination {
	page := pagination{count: int64(w.options.DefaultCount)}
	if offset, ok := p.numbers["offset"]; ok {
		page.offset = jsParseInt(offset)
	}
	if count, ok := p.numbers["count"]; ok {
		page.count = jsParseInt(count)
	}
	page.count = min(page.count, int64(w.options.UpperCount))
	if page.count == 0 && w.options.DisallowInfiniteCount {
		page.count = int64(w.options.DefaultCount)
	}
	return page
}
