// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"fmt"
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
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
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

// sessionResults calls everything of a server that returns sessions, with all
// arguments null, and returns the bytes of each result.
func sessionResults(t *testing.T, s tfprotov6.ProviderServer) map[string][]byte {
	t.Helper()
	schema, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: dynamic(t, schema.Provider.ValueType(), minimal(nil)),
	})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatalf("%v %s", err, details(configured.Diagnostics))
	}
	results := make(map[string][]byte)
	for name, schema := range schema.DataSourceSchemas {
		if !returnsSessions(schema) {
			continue
		}
		resp, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName: name, Config: dynamic(t, schema.ValueType(), nil),
		})
		if err != nil || hasError(resp.Diagnostics) { // no session at all is a warning
			t.Fatalf("data source %s: %v %s", name, err, details(resp.Diagnostics))
		}
		results["data source "+name] = resp.State.MsgPack
	}
	for name, schema := range schema.EphemeralResourceSchemas {
		if !returnsSessions(schema) {
			continue
		}
		resp, err := s.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
			TypeName: name, Config: dynamic(t, schema.ValueType(), attributes{}),
		})
		if err != nil || hasError(resp.Diagnostics) {
			t.Fatalf("ephemeral resource %s: %v %s", name, err, details(resp.Diagnostics))
		}
		results["ephemeral resource "+name] = resp.Result.MsgPack
	}
	return results
}

func returnsSessions(schema *tfprotov6.Schema) bool {
	return slices.ContainsFunc(schema.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == "sessions" })
}

// TestEncoding_isTheFrameworks reads 10,000 sessions of every odd shape through
// both servers and compares their bytes.
func TestEncoding_isTheFrameworks(t *testing.T) {
	t.Parallel()
	many := 10_000
	if testing.Short() {
		many = 1_000
	}
	for name, rows := range map[string][]*sessions.Session{
		"many": oddSessions(t, many, 1),
		"none": {},
		"one":  oddSessions(t, 1, 2),
		"15":   oddSessions(t, 15, 3),
		"16":   oddSessions(t, 16, 4),

		"every shape": everyShape(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessions.Sort(rows, nil) // as the workspace lists them
			page := newOnePage(t, rows)
			opts := []Option{WithEnv(noEnv), WithTransport(page), WithClock(clocktest.NewFake(startOfTests()))}
			want := sessionResults(t, frameworkServer(t, opts...))
			got := sessionResults(t, NewServer("test", opts...)())
			if _, ok := want["data source "+dataSourceName]; !ok {
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

// oddSession changes what a session holds: fields go missing or get texts that
// MessagePack or Unicode treat in a way of their own.
func oddSession(s *sessions.Session, random *rand.Rand) {
	often := func() bool { return random.IntN(8) == 0 }
	if often() {
		s.Device = &sessions.Device{}
	}
	if often() {
		s.User = &sessions.User{}
	}
	if often() {
		s.Device = nil
	}
	if often() {
		s.User = nil
	}
	if often() {
		s.LoginAt = nil
	}
	fields := []**string{&s.UserID, &s.Host, &s.IP}
	var optionals []*table.Text
	if s.Device != nil {
		if often() {
			s.Device.OS = table.Some(sessions.OS{})
		}
		if often() {
			s.Device.OS = table.Optional[sessions.OS]{}
		}
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
	for _, field := range fields {
		switch random.IntN(6) {
		case 0:
			*field = nil
		case 1:
			*field = new(oddText(random))
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
	switch random.IntN(200) {
	case 0:
		return strings.Repeat("x", 65_535+random.IntN(2))
	default:
		return texts[random.IntN(len(texts))]
	}
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

// TestEncoder_writesTheSchema reads what the encoder writes with the schema in
// hand: exactly its attributes, in the order of their names, each with its own
// field of the session.
func TestEncoder_writesTheSchema(t *testing.T) {
	t.Parallel()
	encoded := bytes.NewReader(encodeSession(t, pathSession()))
	checkObject(t, msgpack.NewDecoder(encoded), "", newRowObject(sessions.Fields()).terraformType())
	if encoded.Len() > 0 {
		t.Errorf("%d bytes follow the object", encoded.Len())
	}
}

func checkObject(t *testing.T, dec *msgpack.Decoder, path string, object types.ObjectType) {
	t.Helper()
	n, err := dec.DecodeMapLen()
	if err != nil {
		t.Fatal(err)
	}
	if n != len(object.AttrTypes) {
		t.Errorf("%q is written with %d attributes, the schema has %d", path, n, len(object.AttrTypes))
	}
	for _, name := range slices.Sorted(maps.Keys(object.AttrTypes)) {
		got, err := dec.DecodeString()
		if err != nil {
			t.Fatal(err)
		}
		if got != name {
			t.Fatalf("in %q, %q is written where the schema has %q", path, got, name)
		}
		checkValue(t, dec, path+name, object.AttrTypes[name])
	}
}

func checkValue(t *testing.T, dec *msgpack.Decoder, path string, typ attr.Type) {
	t.Helper()
	if object, ok := typ.(types.ObjectType); ok {
		checkObject(t, dec, path+".", object)
		return
	}
	switch {
	case typ.Equal(types.BoolType):
		if got, err := dec.DecodeBool(); err != nil || !got {
			t.Errorf("%s is written as %t, %v", path, got, err)
		}
		return
	case typ.Equal(types.ListType{ElemType: types.StringType}):
		if n, err := dec.DecodeArrayLen(); err != nil || n != 1 {
			t.Errorf("%s is written with %d elements, %v", path, n, err)
		}
	}
	want := path
	if path == "login_at" {
		want = "2023-05-30T12:00:00.000Z"
	}
	got, err := dec.DecodeString()
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%s is written as %q, want %q", path, got, want)
	}
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

// TestEncoding_writesLongLists: the framework would write the same bytes, only slower.
func TestEncoding_writesLongLists(t *testing.T) {
	t.Parallel()
	if server := NewServer("test")(); reflect.TypeOf(server) != reflect.TypeFor[*bulk.Server]() {
		t.Errorf("the server is a %T", server)
	}
}

// TestEncoding_passesTheFrameworksDiagnostics compares a refusal with the one of
// the framework alone.
func TestEncoding_passesTheFrameworksDiagnostics(t *testing.T) {
	t.Parallel()
	refuse := func(s tfprotov6.ProviderServer) string {
		schema, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
			Config: dynamic(t, schema.Provider.ValueType(), minimal(nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName: dataSourceName,
			Config:   dynamic(t, schema.DataSourceSchemas[dataSourceName].ValueType(), attributes{"filter": "("}),
		})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(report(resp.Diagnostics)) + details(resp.Diagnostics)
	}
	opts := []Option{WithEnv(noEnv), WithTransport(newOnePage(t, nil)), WithClock(clocktest.NewFake(startOfTests()))}
	want := refuse(frameworkServer(t, opts...))
	mustContain(t, want, "error at ")
	if got := refuse(NewServer("test", opts...)()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// BenchmarkEncoding writes 10,000 sessions by both ways.
func BenchmarkEncoding(b *testing.B) {
	const rows = 10_000
	all := syntheticSessions(b, rows, 1)
	perRow := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
	}
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
