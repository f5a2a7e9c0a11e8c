// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// The parts that the command plays.
const (
	// roleBare reads all pages as a script would.
	roleBare = "bare"
	// roleClient reads them with the provider's client.
	roleClient = "client"
	// roleFramework is the provider without the short way for long lists.
	roleFramework = "framework"
	// roleMeter is a provider's parent, which notes what the provider took.
	roleMeter = "meter"
)

// How the roles are told what to do.
const (
	concurrencyVariable = "ROCKETCHAT_BENCH_CONCURRENCY"
	latencyVariable     = "ROCKETCHAT_BENCH_LATENCY"
	providerVariable    = "ROCKETCHAT_BENCH_PROVIDER"
	providerRole        = "ROCKETCHAT_BENCH_PROVIDER_ROLE"
	peakVariable        = "ROCKETCHAT_BENCH_PEAK"
)

const (
	// pageSize is what a workspace allows unless told otherwise.
	pageSize = 100
	// pageStride is how far apart the provider's pages are: they overlap.
	pageStride = pageSize - 4
)

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

// readBare reads the pages that the client reads, without any of its cares.
func readBare(ctx context.Context) error {
	var all []plainSession
	for offset, total := 0, 1; offset < total; offset += pageStride {
		var answer struct {
			Sessions []plainSession `json:"sessions"`
			Total    int            `json:"total"`
		}
		if err := get(ctx, offset, &answer); err != nil {
			return err
		}
		all, total = append(all, answer.Sessions...), answer.Total
		if offset+len(answer.Sessions) >= total {
			break
		}
	}
	return report(len(all))
}

func get(ctx context.Context, offset int, answer any) error {
	address := os.Getenv("ROCKETCHAT_URL") + "/api/v1/sessions/list.all?count=10000&offset=" + strconv.Itoa(offset)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody) //nolint:gosec // the bench's own simulator
	if err != nil {
		return err
	}
	req.Header.Set("X-User-Id", os.Getenv("ROCKETCHAT_USER_ID"))
	req.Header.Set("X-Auth-Token", os.Getenv("ROCKETCHAT_AUTH_TOKEN"))
	resp, err := http.DefaultClient.Do(req) //nolint:gosec // the bench's own simulator
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
		return err
	}
	// A connection whose answer was not read to its end is not used again.
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// readWithClient reads the list as the data source does.
func readWithClient(ctx context.Context) error {
	root, err := url.Parse(os.Getenv("ROCKETCHAT_URL"))
	if err != nil {
		return err
	}
	config := rocketchat.Config{
		URL: root, UserID: os.Getenv("ROCKETCHAT_USER_ID"), AuthToken: os.Getenv("ROCKETCHAT_AUTH_TOKEN"),
		MaxRetries: rocketchat.DefaultMaxRetries, UserAgent: "terraform-provider-rocketchat/bench",
	}
	if config.MaxConcurrentRequests, err = strconv.Atoi(os.Getenv(concurrencyVariable)); err != nil {
		return fmt.Errorf("%s: %w", concurrencyVariable, err)
	}
	if text := os.Getenv(latencyVariable); text != "" {
		latency, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%s: %w", latencyVariable, err)
		}
		config.Transport = farAway(latency)
	}
	client, err := rocketchat.New(config)
	if err != nil {
		return err
	}
	listing, err := client.WorkspaceSessions(ctx, "", sessions.Need{All: true})
	if err != nil {
		return err
	}
	return report(len(listing.Sessions))
}

// report shows that the work was done.
func report(rows int) error {
	_, err := fmt.Println(rows)
	return err
}

// farAway delays every request, as a workspace at a distance does.
type farAway time.Duration

// RoundTrip implements [http.RoundTripper].
func (f farAway) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := (clock.System{}).Sleep(req.Context(), time.Duration(f)); err != nil {
		return nil, err
	}
	return http.DefaultTransport.RoundTrip(req)
}

// serveFramework is the provider as the framework serves it: every session
// becomes an attr.Value, then a tftypes.Value, then MessagePack.
func serveFramework() error {
	server := providerserver.NewProtocol6(provider.New("bench")())
	return tf6server.Serve(provider.Address, server)
}

// meter runs a provider, whose streams and environment are its own, and adds a
// line with the provider's peak memory in KiB to a file.
func meter(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, os.Getenv(providerVariable), os.Args[1:]...) //nolint:gosec // the bench names the provider
	cmd.Env = append(os.Environ(), roleVariable+"="+os.Getenv(providerRole))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	failed := cmd.Run()
	file, err := os.OpenFile(os.Getenv(peakVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the bench names the file
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(file, peakOf(cmd.ProcessState)); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return failed
}
