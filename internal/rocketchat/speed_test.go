// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// farAway delays every request, as a workspace at a distance does.
type farAway struct{ http.RoundTripper }

func (f farAway) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := pause(r.Context(), 50*time.Millisecond); err != nil {
		return nil, err
	}
	return f.RoundTripper.RoundTrip(r)
}

// TestRead_pagesTogether reads from a workspace at a distance.
func TestRead_pagesTogether(t *testing.T) {
	t.Parallel()
	pages := newEncodedPages(t, 2_000, 20)
	took := map[int]time.Duration{}
	for _, concurrent := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			client := newClient(t, farAway{pages}, func(config *rocketchat.Config) { config.MaxConcurrentRequests = concurrent })
			begun := time.Now()
			read(t, client)
			took[concurrent] = time.Since(begun)
		})
	}
	if faster := took[1].Seconds() / took[4].Seconds(); faster < 3 {
		t.Errorf("four requests at the same time are %.1f times as fast as one after another, want at least 3: %v", faster, took)
	}
}

// plainSession is a row as one writes it down without a thought of missing fields.
type plainSession struct {
	ID        string    `json:"_id"`
	SessionID string    `json:"sessionId"`
	UserID    string    `json:"userId"`
	Host      string    `json:"host"`
	IP        string    `json:"ip"`
	LoginAt   time.Time `json:"loginAt"`
	Device    struct {
		Type        string `json:"type"`
		Name        string `json:"name"`
		Version     string `json:"version"`
		LongVersion string `json:"longVersion"`
		OS          struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"os"`
	} `json:"device"`
	User struct {
		Username   string `json:"username"`
		Name       string `json:"name"`
		AvatarETag string `json:"avatarETag"`
	} `json:"_user"`
}

// BenchmarkAgainstBareLoop reads the pages in turns by the client and by a loop
// of net/http and encoding/json, and says how many times as long the client takes.
func BenchmarkAgainstBareLoop(b *testing.B) {
	const rows, size, stride = 10_000, 100, 96 // the client's pages overlap by four rows
	pages := newEncodedPages(b, rows, size)
	root, err := rocketchat.ParseURL("https://chat.example.invalid")
	if err != nil {
		b.Fatal(err)
	}
	bare := func() {
		var all []plainSession
		plain := &http.Client{Transport: pages}
		for offset := 0; offset+size-stride < rows; offset += stride {
			resp, err := plain.Get(root.String() + "/api/v1/sessions/list.all?offset=" + strconv.Itoa(offset)) //nolint:noctx // served from memory
			if err != nil {
				b.Fatal(err)
			}
			var response struct {
				Sessions []plainSession `json:"sessions"`
			}
			if err := json.NewDecoder(resp.Body).Decode(&response); err != nil {
				b.Fatal(err)
			}
			all = append(all, response.Sessions...)
			_ = resp.Body.Close()
		}
		if len(all) < rows {
			b.Fatalf("the loop read %d rows", len(all))
		}
	}
	client := func() {
		client, err := rocketchat.New(rocketchat.Config{
			URL: root, UserID: "synthUser", AuthToken: authToken, Transport: pages, MaxConcurrentRequests: 1,
		})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := client.WorkspaceSessions(b.Context(), "", everything); err != nil {
			b.Fatal(err)
		}
	}
	var took [2]time.Duration
	for b.Loop() {
		for i, read := range []func(){bare, client} {
			begun := time.Now()
			read()
			took[i] += time.Since(begun)
		}
	}
	b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "×bare")
}
