// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// onePage is a workspace that returns the same rows.
type onePage struct{ body []byte }

func newOnePage(t *testing.T, rows []*sessions.Session) onePage {
	t.Helper()
	rows = slices.Clone(rows)
	sessions.Sort(rows, nil) // as the server has them
	body, err := json.Marshal(map[string]any{"sessions": rows, "total": len(rows), "count": len(rows), "offset": 0, "success": true})
	if err != nil {
		t.Fatal(err)
	}
	return onePage{body}
}

func (p onePage) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(p.body)), ContentLength: int64(len(p.body)), Request: r,
	}, nil
}

// results are the bytes of all results that have a list, with all arguments null.
func (s *server) results(ctx context.Context, t *testing.T, list string) map[string][]byte {
	t.Helper()
	results := make(map[string][]byte)
	returns := func(schema *tfprotov6.Schema) bool {
		return slices.ContainsFunc(schema.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == list })
	}
	for name, schema := range s.schema.DataSourceSchemas {
		if !returns(schema) {
			continue
		}
		resp, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: dynamic(t, schema.ValueType(), nil)})
		if err != nil || hasError(resp.Diagnostics) { // no session at all is a warning
			t.Fatalf("data source %s: %v %s", name, err, details(resp.Diagnostics))
		}
		results["data source "+name] = resp.State.MsgPack
	}
	for name, schema := range s.schema.EphemeralResourceSchemas {
		if !returns(schema) {
			continue
		}
		resp, err := s.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: name, Config: dynamic(t, schema.ValueType(), nil)})
		if err != nil || hasError(resp.Diagnostics) {
			t.Fatalf("ephemeral resource %s: %v %s", name, err, details(resp.Diagnostics))
		}
		results["ephemeral resource "+name] = resp.Result.MsgPack
	}
	return results
}

// TestEncoding_isTheFrameworks reads 10,000 sessions and some users of every odd shape through
// both servers and compares their bytes.
func TestEncoding_isTheFrameworks(t *testing.T) {
	t.Parallel()
	if server := NewServer("test")(); reflect.TypeOf(server) != reflect.TypeFor[*bulk.Server]() {
		t.Errorf("the server is a %T", server)
	}
	many := 10_000
	if testing.Short() {
		many = 200
	}
	w := rocketchattest.New(rocketchattest.Options{Synthetic: 300, SyntheticUsers: 300, Clock: clocktest.NewFake(startOfTests())})
	a := w.Account("none")
	for name, c := range map[string]struct {
		list      string
		kinds     int
		workspace http.RoundTripper
	}{
		"many sessions": {"sessions", 3, newOnePage(t, oddSessions(t, many, 1))},
		"no sessions":   {"sessions", 3, newOnePage(t, []*sessions.Session{})},
		"one session":   {"sessions", 3, newOnePage(t, oddSessions(t, 1, 2))},
		"15 sessions":   {"sessions", 3, newOnePage(t, oddSessions(t, 15, 3))},
		"16 sessions":   {"sessions", 3, newOnePage(t, oddSessions(t, 16, 4))},
		"every shape":   {"sessions", 3, newOnePage(t, everyShape())},
		"users":         {"users", 1, w.Transport()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := []Option{WithTransport(c.workspace), WithClock(clocktest.NewFake(startOfTests()))}
			config := minimal(attributes{"user_id": a.UserID, "auth_token": a.Token})
			framework := serverOf(t, providerserver.NewProtocol6(New("test", append(opts, WithEnv(noEnv))...)())())
			wantReport(t, []string{}, framework.configure(t, config))
			want := framework.results(bulk.WithoutDeferral(t.Context()), t, c.list)
			ours := newServer(t, opts...)
			wantReport(t, []string{}, ours.configure(t, config))
			got := ours.results(t.Context(), t, c.list)
			if len(want) != c.kinds {
				t.Fatalf("the results are those of %v", slices.Collect(maps.Keys(want)))
			}
			for kind, want := range want {
				if got := got[kind]; !bytes.Equal(got, want) {
					at := 0
					for at < min(len(got), len(want)) && got[at] == want[at] {
						at++
					}
					t.Errorf("%s: %d bytes differ from the framework's %d at %d:\n%q\n%q", kind, len(got), len(want), at,
						around(got, at), around(want, at))
				}
				if c.list == "users" {
					mustNotContain(t, string(want), "@example", "emails")
				}
			}
		})
	}
}

// everyShape has every combination of objects, times and truth values that are
// there or not, with all texts or none.
func everyShape() []*sessions.Session {
	full := pathSession()
	hollow, osOnly, noOS := &sessions.Device{}, &sessions.Device{OS: full.Device.OS}, *full.Device
	noOS.OS = table.Optional[sessions.OS]{}
	hollowOS := *full.Device
	hollowOS.OS = table.Some(sessions.OS{})
	var rows []*sessions.Session
	for _, s := range []*sessions.Session{{}, full} {
		for _, login := range []*time.Time{nil, {}, full.LoginAt} {
			for _, device := range []*sessions.Device{nil, hollow, osOnly, &noOS, &hollowOS, full.Device} {
				for _, user := range []*sessions.User{nil, {}, full.User} {
					for _, current := range []*bool{nil, new(false), new(true)} {
						row := *s
						row.LoginAt, row.Device, row.User, row.Current = login, device, user, current
						rows = append(rows, &row)
					}
				}
			}
		}
	}
	return rows
}

func around(b []byte, at int) []byte { return b[max(at-40, 0):min(at+40, len(b))] }

// oddSessions are synthetic sessions, of which many are changed at random.
func oddSessions(t *testing.T, n int, seed uint64) []*sessions.Session {
	t.Helper()
	rows := syntheticSessions(t, n, seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for _, s := range rows {
		if random.IntN(2) == 0 {
			oddSession(s, random)
		}
	}
	return rows
}

func syntheticSessions(tb testing.TB, n int, seed uint64) []*sessions.Session {
	tb.Helper()
	text, err := json.Marshal(rocketchattest.MissingIDs(rocketchattest.SyntheticSessions(n, seed, startOfTests())))
	if err != nil {
		tb.Fatal(err)
	}
	var rows []*sessions.Session
	if err := json.Unmarshal(text, &rows); err != nil {
		tb.Fatal(err)
	}
	return rows
}

// oddSession has texts go missing, or be some that MessagePack or Unicode treat in a way of their own.
func oddSession(s *sessions.Session, random *rand.Rand) {
	for _, field := range []**string{&s.UserID, &s.Host, &s.IP} {
		switch random.IntN(6) {
		case 0:
			*field = nil
		case 1:
			*field = new(oddText(random))
		}
	}
	var optionals []*table.Text
	if s.Device != nil {
		optionals = append(optionals, &s.Device.Type, &s.Device.Name, &s.Device.Version, &s.Device.LongVersion)
		if os := s.Device.OS.Pointer(); os != nil {
			optionals = append(optionals, &os.Name, &os.Version)
		}
	}
	if s.User != nil {
		optionals = append(optionals, &s.User.Username, &s.User.Name, &s.User.AvatarETag)
	}
	for _, field := range optionals {
		switch random.IntN(6) {
		case 0:
			*field = table.Text{}
		case 1:
			*field = table.Some(oddText(random))
		}
	}
}

// oddText is a text at a boundary of MessagePack's string headers, or of
// characters that could be taken for something else.
func oddText(random *rand.Rand) string {
	texts := []string{
		"", " ", "\x00", "\u007f", "null", "é", "e\u0301", "ﬁ", "Å\u212b", "日本語", "👩‍👩‍👧", "\ufffd", "\ufeff", "\u2028", `"\/`, "<&>", "\r\n\t",
		"Владимир", "مرحبا", "${x}", "%{if}", strings.Repeat("日", 85), strings.Repeat("日", 86),
	}
	for _, length := range []int{31, 32, 255, 256} {
		texts = append(texts, strings.Repeat("x", length))
	}
	if random.IntN(200) == 0 {
		return strings.Repeat("x", 65_535+random.IntN(2))
	}
	return texts[random.IntN(len(texts))]
}

// pathSession is a session in which every text is its path in the schema.
func pathSession() *sessions.Session {
	return &sessions.Session{
		ID: new("id"), SessionID: new("session_id"), UserID: new("user_id"), Host: new("host"), IP: new("ip"), LoginAt: new(startOfTests()),
		Device: &sessions.Device{
			Type: table.Some("device.type"), Name: table.Some("device.name"), Version: table.Some("device.version"), LongVersion: table.Some("device.long_version"),
			OS: table.Some(sessions.OS{Name: table.Some("device.os.name"), Version: table.Some("device.os.version")}),
		},
		User:    &sessions.User{Username: table.Some("user.username"), Name: table.Some("user.name"), AvatarETag: table.Some("user.avatar_etag")},
		Account: &users.Account{Roles: []string{"user.roles"}, Type: table.Some("user.type"), Active: true},
	}
}

func encodeSession(t *testing.T, s *sessions.Session) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := newRowObject(sessions.Fields()).encode(msgpack.NewEncoder(&b), s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEncoder_keepsItsError writes to something that takes so many bytes and no
// more, for every number.
func TestEncoder_keepsItsError(t *testing.T) {
	t.Parallel()
	whole := len(encodeSession(t, pathSession()))
	for room := range whole {
		enc := msgpack.NewEncoder(&smallDisk{room: room})
		if err := newRowObject(sessions.Fields()).encode(enc, pathSession()); err == nil {
			t.Errorf("%d of %d bytes are enough", room, whole)
		}
	}
}

type smallDisk struct{ room int }

func (d *smallDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		d.room = 0
		return 0, io.ErrShortWrite
	}
	d.room -= len(p)
	return len(p), nil
}

// FuzzSessionEncoding compares the encoder with the framework. Each bit of
// shape leaves something out.
func FuzzSessionEncoding(f *testing.F) {
	f.Add(uint16(0), "id", "Chrome", int64(1_684_887_954_234))
	f.Add(uint16(0xffff), "", "\x00", int64(-62_135_596_800_001))
	f.Add(uint16(0x0555), strings.Repeat("x", 32), "日本語\xff", int64(253_402_300_800_000))
	object := newRowObject(sessions.Fields())
	list := types.ListType{ElemType: object.terraformType()}
	shapes := everyShape()
	f.Fuzz(func(t *testing.T, shape uint16, a, b string, loginMillis int64) {
		s := *shapes[int(shape)%len(shapes)]
		s.SessionID, s.UserID, s.Host, s.LoginAt = &a, &b, new(a+b), new(time.UnixMilli(loginMillis))
		if s.Device != nil {
			device := *s.Device
			device.Name, device.Version = table.Some(a), table.Some(b)
			s.Device = &device
		}
		value, err := object.listValue([]*sessions.Session{&s, &s}).ToTerraformValue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want, err := tfprotov6.NewDynamicValue(list.TerraformType(t.Context()), value)
		if err != nil {
			t.Fatal(err)
		}
		one := encodeSession(t, &s)
		if got := slices.Concat([]byte{0x92}, one, one); !bytes.Equal(got, want.MsgPack) {
			t.Errorf("got  %q\nwant %q", got, want.MsgPack)
		}
	})
}

// longList is a framework's server whose data source has read all.
type longList struct {
	bulk.FullServer
	all []*sessions.Session
}

func (l longList) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	_, _ = deferredList(ctx, "sessions", sessions.Fields(), l.all, fewerSessions)
	return &tfprotov6.ReadDataSourceResponse{State: &tfprotov6.DynamicValue{MsgPack: []byte("\x81\xa8sessions\x90")}}, nil
}

// TestEncoding_tooManySessions has 600,000 sessions on the way to Terraform, which it
// would refuse with the name of a gRPC status. No message is built for them.
//
//nolint:paralleltest // measures the memory of the whole process
func TestEncoding_tooManySessions(t *testing.T) {
	clitest.NotInShort(t)
	const rows, mostPerRow = 600_000, 100
	few := syntheticSessions(t, 1_000, 6)
	for _, s := range few {
		s.Host = new(strings.Repeat("h", 200))
	}
	all := make([]*sessions.Session, rows)
	for i := range all {
		all[i] = few[i%len(few)]
	}
	server := bulk.NewServer(longList{all: all})

	before := allocated()
	resp, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{})
	perRow := (allocated() - before) / rows
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Fatalf("got the diagnostics %v", report(resp.Diagnostics))
	}
	t.Log(details(resp.Diagnostics))
	mustContain(t, details(resp.Diagnostics), "More sessions than Terraform can take in one result",
		"600000 sessions take ", " MiB, and Terraform takes no result over 255 MiB", "`limit`", "`offset`", "`filter`", "`search`")
	if perRow > mostPerRow {
		t.Errorf("saying so allocated %d bytes a row, want at most %d", perRow, mostPerRow)
	}
}

// allocated is how many bytes were allocated so far.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// BenchmarkEncoding writes 10,000 sessions by both ways.
func BenchmarkEncoding(b *testing.B) {
	all := syntheticSessions(b, benchmarkRows, 1)
	b.Run("bulk", func(b *testing.B) {
		server := bulk.NewServer(longList{all: all})
		b.ReportAllocs()
		for b.Loop() {
			resp, err := server.ReadDataSource(b.Context(), &tfprotov6.ReadDataSourceRequest{})
			if err != nil || len(resp.Diagnostics) > 0 {
				b.Fatal(err, resp.Diagnostics)
			}
		}
		perRow(b)
	})
	b.Run("framework", func(b *testing.B) {
		object := newRowObject(sessions.Fields())
		typ := types.ListType{ElemType: object.terraformType()}.TerraformType(b.Context())
		b.ReportAllocs()
		for b.Loop() {
			value, err := object.listValue(all).ToTerraformValue(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			if _, err := tfprotov6.NewDynamicValue(typ, value); err != nil {
				b.Fatal(err)
			}
		}
		perRow(b)
	})
}

const benchmarkRows = 10_000

func perRow(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchmarkRows, "ns/row")
}

// BenchmarkSummarize summarizes a list as Terraform sends it, and has the framework decode the same.
func BenchmarkSummarize(b *testing.B) {
	object := newRowObject(sessions.Fields())
	typ, err := types.ListType{ElemType: object.terraformType()}.TerraformType(b.Context()).MarshalJSON() //nolint:staticcheck // the wire needs it
	if err != nil {
		b.Fatal(err)
	}
	var list bytes.Buffer
	enc := msgpack.NewEncoder(&list)
	steps := []error{enc.EncodeArrayLen(2), enc.EncodeBytes(typ), enc.EncodeArrayLen(benchmarkRows)}
	for _, s := range syntheticSessions(b, benchmarkRows, 1) {
		steps = append(steps, object.encode(enc, s))
	}
	if err := errors.Join(steps...); err != nil {
		b.Fatal(err)
	}
	b.Run("summarize", func(b *testing.B) {
		server := NewServer("test")()
		b.ReportAllocs()
		for b.Loop() {
			resp, err := server.CallFunction(b.Context(), &tfprotov6.CallFunctionRequest{
				Name: "summarize", Arguments: []*tfprotov6.DynamicValue{{MsgPack: list.Bytes()}, {MsgPack: []byte{20}}},
			})
			if err != nil || resp.Error != nil {
				b.Fatal(err, resp.Error)
			}
		}
		perRow(b)
	})
	b.Run("framework", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			value, err := tfprotov6.DynamicValue{MsgPack: list.Bytes()}.Unmarshal(tftypes.DynamicPseudoType)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := types.DynamicType.ValueFromTerraform(b.Context(), value); err != nil {
				b.Fatal(err)
			}
		}
		perRow(b)
	})
}
