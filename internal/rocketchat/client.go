// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package rocketchat reads and ends login sessions through Rocket.Chat's REST API.
// It handles what the server demands of every caller: a second factor, the rate
// limit, and pages of a list that changes during the read.
package rocketchat

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// Defaults of [Config].
const (
	DefaultRequestTimeout        = 30 * time.Second
	DefaultMaxRetries            = 4
	DefaultMaxConcurrentRequests = 4
)

// Config configures a [Client]. URL, UserID and AuthToken must be set.
type Config struct {
	// URL is the root of the workspace, as [ParseURL] returns it.
	URL       *url.URL
	UserID    string
	AuthToken string
	TwoFactor TwoFactor
	// Headers are sent with every request, for a gateway in front of the workspace.
	Headers map[string]string
	// TLS is nil for the system's certificates and no client certificate.
	TLS *tls.Config
	// Proxy chooses the proxy of a request; nil for the environment's.
	Proxy func(*http.Request) (*url.URL, error)
	// RequestTimeout bounds one HTTP request, including its response.
	RequestTimeout time.Duration
	// MaxRetries is the number of repetitions of a request; 0 means a single attempt.
	MaxRetries int
	// MaxConcurrentRequests is at least 1.
	MaxConcurrentRequests int
	// UserAgent must not change within a process: releases up to 6.x bind the
	// memory of a second factor to it.
	UserAgent string
	// Clock is nil for the machine's own.
	Clock clock.Clock
	// Logger is nil to log nothing.
	Logger *slog.Logger
	// Transport is nil for a clone of http.DefaultTransport with TLS and Proxy applied.
	Transport http.RoundTripper
}

// Listing is the result of a read of the session list.
type Listing struct {
	// Sessions are in the server's order, newest login first, each once. Callers
	// share them and must not change them.
	Sessions []*sessions.Session
	// Total is the number that the workspace reported, after its own search.
	Total int
	// At is the workspace's time at the read's first response, to about a second, or the
	// machine's time if no response has it.
	At time.Time
	// ConnectedAfter is the newest login time when the read began, by the workspace's own
	// clock. The client of a session with a later one connected during the read, and may
	// be listed twice: by that session and by the one before, which has the same token.
	// It is nil if no client can be.
	ConnectedAfter *time.Time
	// Clocks is nil unless the clocks that could determine At contradict each other.
	Clocks *ClockConflict
}

// Client calls one workspace as one account. It is safe for concurrent use.
type Client struct {
	// config has its defaults filled in.
	config Config
	// slots has a place for each concurrent request, so that none spends its timeout
	// waiting for a connection.
	slots chan struct{}

	clock    clock.Clock
	log      *slog.Logger
	redactor *sanitize.Redactor
	server   *serverClock
	factor   *secondFactor
	cache    *cache
	users    *latest[*UserListing]
	roles    *latest[[]*users.Role]
	// permissions are the roles that hold a permission, and ownRoles those of the account.
	permissions *latest[map[string][]string]
	ownRoles    *latest[[]string]
	// settings are the public ones; private are others, by ID.
	settings *latest[map[string]SettingValue]

	// logoutWaits are those of all logouts, which belong to one run.
	logoutWaits limitWaits
	longWaits   longWaits

	mu       sync.Mutex
	limiters map[endpoint]*limiter
	private  map[string]*latest[SettingValue]
}

// New returns a client. It makes no request.
func New(config Config) (*Client, error) {
	if config.URL == nil || config.UserID == "" || config.AuthToken == "" {
		return nil, errors.New("rocketchat: URL, UserID and AuthToken must be set")
	}
	config.MaxRetries, config.MaxConcurrentRequests = max(config.MaxRetries, 0), max(config.MaxConcurrentRequests, 1)
	if config.RequestTimeout <= 0 {
		config.RequestTimeout = DefaultRequestTimeout
	}
	if config.Clock == nil {
		config.Clock = clock.System{}
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Transport == nil {
		config.Transport = newTransport(&config)
	}
	server := &serverClock{}
	c := &Client{
		config: config, slots: make(chan struct{}, config.MaxConcurrentRequests),
		clock: config.Clock, log: config.Logger, redactor: config.Redactor(),
		server: server, factor: newSecondFactor(config.TwoFactor, server, config.Clock.Now), limiters: map[endpoint]*limiter{},
		longWaits: longWaits{untold: map[Limit]LongWait{}, told: map[Limit]bool{}},
	}
	c.cache = &cache{client: c, reads: map[readKey]*sharedRead{}}
	c.users, c.roles = newLatest[*UserListing](c, usersByStatus), newLatest[[]*users.Role](c, rolesList)
	c.permissions, c.ownRoles = newLatest[map[string][]string](c, permissionsList), newLatest[[]string](c, ownAccount)
	c.settings, c.private = newLatest[map[string]SettingValue](c, settingsPublic), map[string]*latest[SettingValue]{}
	return c, nil
}

func (c *Config) proxy() func(*http.Request) (*url.URL, error) {
	if c.Proxy == nil {
		return http.ProxyFromEnvironment
	}
	return c.Proxy
}

// maxHeaderBytes bounds the headers of a response.
const maxHeaderBytes = 256 << 10

func newTransport(config *Config) *http.Transport {
	standard, _ := http.DefaultTransport.(*http.Transport)
	transport := standard.Clone()
	transport.Proxy = config.proxy()
	if config.TLS != nil {
		transport.TLSClientConfig = config.TLS.Clone()
	}
	transport.MaxIdleConnsPerHost = config.MaxConcurrentRequests
	// Without it, net/http dials anew while another connection is being dialed.
	transport.MaxConnsPerHost = config.MaxConcurrentRequests
	transport.MaxResponseHeaderBytes = maxHeaderBytes
	// Without it, net/http returns only the text of the status.
	transport.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
		if resp.StatusCode == http.StatusOK {
			return nil
		}
		return &ProxyError{Status: resp.StatusCode, Text: resp.Status}
	}
	return transport
}

// name is the method and the address of a route.
func (c *Client) name(ep endpoint) string {
	return ep.method + " " + c.config.URL.JoinPath(ep.path).String()
}

// limiterOf returns the limiter of a route: the server counts each for itself.
func (c *Client) limiterOf(ep endpoint) *limiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limiters[ep] == nil {
		c.limiters[ep] = newLimiter(c.server, c.clock.Now)
	}
	return c.limiters[ep]
}

// Now is the time by the workspace's clock, to about a second, as known from its
// responses; before the first response, it is the time by the client's clock.
func (c *Client) Now() time.Time { return c.clock.Now().Add(c.server.difference()) }
