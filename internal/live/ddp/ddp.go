// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package ddp connects to a workspace as its apps and browsers do: over a WebSocket, by resuming a
// login token. Rocket.Chat lists only such connections as sessions, not those of the REST API.
package ddp

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/websocket"
)

// Client is what a connection says about itself.
type Client struct {
	// URL is the root of the workspace.
	URL string
	// Header is sent as the connection opens, with the User-Agent of a device.
	Header http.Header
	TLS    *tls.Config
}

// patience bounds a connection until it is logged in.
const patience = 30 * time.Second

// message is one of either side.
type message struct {
	Msg     string   `json:"msg"`
	ID      string   `json:"id,omitempty"`
	Version string   `json:"version,omitempty"`
	Support []string `json:"support,omitempty"`
	Method  string   `json:"method,omitempty"`
	Params  []any    `json:"params,omitempty"`
	Error   any      `json:"error,omitempty"`
}

// Resume opens a connection and logs in with a token. The caller closes it.
func (c Client) Resume(ctx context.Context, token string) (io.Closer, error) {
	// http becomes ws, and https wss.
	address := "ws" + strings.TrimPrefix(strings.TrimRight(c.URL, "/"), "http") + "/websocket"
	config, err := websocket.NewConfig(address, c.URL)
	if err != nil {
		return nil, err
	}
	config.Header, config.TlsConfig = c.Header, c.TLS
	connection, err := config.DialContext(ctx)
	if err != nil {
		return nil, err
	}
	if err := login(connection, token); err != nil {
		_ = connection.Close()
		return nil, err
	}
	return connection, nil
}

func login(connection *websocket.Conn, token string) error {
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	const id = "login"
	for _, each := range []message{
		{Msg: "connect", Version: "1", Support: []string{"1"}},
		{Msg: "method", ID: id, Method: "login", Params: []any{map[string]string{"resume": token}}},
	} {
		if err := websocket.JSON.Send(connection, each); err != nil {
			return err
		}
	}
	for {
		var received message
		switch err := websocket.JSON.Receive(connection, &received); {
		case err != nil:
			return err
		case received.Msg == "failed":
			return fmt.Errorf("the workspace speaks another version of DDP: %q", received.Version)
		case received.Msg == "result" && received.ID == id && received.Error != nil:
			return fmt.Errorf("the workspace refuses the login token: %v", received.Error)
		case received.Msg == "result" && received.ID == id:
			return nil
		}
	}
}
