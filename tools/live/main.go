// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Command live sets up the workspace that compose.yaml has started: it waits for it, makes sessions of
// a few devices, a personal access token and TOTP for the administrator, and prints the variables that
// "make testlive" takes:
//
//	docker compose up --detach
//	eval "$(go run ./tools/live)"
//	make testlive
package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/live/ddp"
)

// setup is the workspace, and its administrator as compose.yaml creates it.
type setup struct {
	url, user, password string
	client              *http.Client
	// patience is how long the workspace may take to start, and pause how long to wait between two looks.
	patience, pause time.Duration

	userID, token string
}

func main() {
	s := &setup{
		url: cmp.Or(os.Getenv("ROCKETCHAT_URL"), "http://localhost:3000"), user: cmp.Or(os.Getenv("ROCKETCHAT_TEST_USER"), "admin"),
		password: cmp.Or(os.Getenv("ROCKETCHAT_TEST_PASSWORD"), "only-for-tests-on-this-machine"),
		client:   &http.Client{Timeout: time.Minute}, patience: 10 * time.Minute, pause: 2 * time.Second,
	}
	if err := s.run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

// run prints the variables.
func (s *setup) run(ctx context.Context, to io.Writer) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	for _, userAgent := range []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/113.0.0.0 Safari/537.36",
		"Mozilla/5.0 (X11; Linux x86_64; rv:112.0) Gecko/20100101 Firefox/112.0",
		"RC Mobile; ios 16.4; v4.38.0 (100)",
	} {
		if err := s.connect(ctx, userAgent); err != nil {
			return fmt.Errorf("making a session: %w", err)
		}
	}
	token, err := s.personalToken(ctx)
	if err != nil {
		return fmt.Errorf("making a personal access token: %w", err)
	}
	secret, err := s.enableTOTP(ctx)
	if err != nil {
		return fmt.Errorf("setting TOTP up: %w", err)
	}
	for _, variable := range [][2]string{
		{"ROCKETCHAT_URL", s.url},
		{"ROCKETCHAT_USER_ID", s.userID},
		{"ROCKETCHAT_AUTH_TOKEN", token},
		{"ROCKETCHAT_TOTP_SECRET", secret},
		{"ROCKETCHAT_TEST_USER", s.user},
		{"ROCKETCHAT_TEST_PASSWORD", s.password},
	} {
		if _, err := fmt.Fprintf(to, "export %s='%s'\n", variable[0], strings.ReplaceAll(variable[1], "'", `'\''`)); err != nil {
			return err
		}
	}
	return nil
}

// wait waits until the administrator can log in: the API responds before there is one.
func (s *setup) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	ticker := time.NewTicker(s.pause)
	defer ticker.Stop()
	for {
		err := s.login(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not let %s in within %v: %w", s.url, s.user, s.patience, err)
		case <-ticker.C:
		}
	}
}

// login gets a new login token, the one of the calls from then on.
func (s *setup) login(ctx context.Context) error {
	s.userID, s.token = "", ""
	var response struct {
		Data struct {
			UserID    string `json:"userId"`
			AuthToken string `json:"authToken"`
		} `json:"data"`
	}
	if err := s.post(ctx, "login", map[string]any{"user": s.user, "password": s.password}, &response); err != nil {
		return err
	}
	if s.userID, s.token = response.Data.UserID, response.Data.AuthToken; s.token == "" {
		return errors.New("login returned no token")
	}
	return nil
}

// connect logs in anew, and opens a connection as a device does. Its session stays listed.
func (s *setup) connect(ctx context.Context, userAgent string) error {
	if err := s.login(ctx); err != nil {
		return err
	}
	connection, err := ddp.Client{URL: s.url, Header: http.Header{"User-Agent": {userAgent}}}.Resume(ctx, s.token)
	if err != nil {
		return err
	}
	return connection.Close()
}

func (s *setup) personalToken(ctx context.Context) (string, error) {
	var response struct {
		Token string `json:"token"`
	}
	name := fmt.Sprint("testlive ", time.Now().UnixMilli())
	err := s.post(ctx, "users.generatePersonalAccessToken", map[string]any{"tokenName": name, "bypassTwoFactor": false}, &response)
	if err == nil && response.Token == "" {
		err = errors.New("the response has no token")
	}
	return response.Token, err
}

// enableTOTP sets TOTP up, which ends all other login tokens but no personal access token.
func (s *setup) enableTOTP(ctx context.Context) (string, error) {
	var made struct {
		Secret string `json:"secret"`
	}
	if err := s.method(ctx, "2fa:enable", []any{}, &made); err != nil {
		return "", err
	}
	code, err := totp.GenerateCode(made.Secret, time.Now())
	if err != nil {
		return "", err
	}
	var confirmed struct {
		Codes []string `json:"codes"`
	}
	if err := s.method(ctx, "2fa:validateTempToken", []any{code}, &confirmed); err != nil {
		return "", err
	}
	if len(confirmed.Codes) == 0 {
		return "", errors.New("the workspace returned no backup codes, so TOTP is probably not set up")
	}
	return made.Secret, nil
}

// method calls a Meteor method, for which there is no route of its own.
func (s *setup) method(ctx context.Context, name string, params []any, result any) error {
	call, err := json.Marshal(map[string]any{"msg": "method", "id": "1", "method": name, "params": params})
	if err != nil {
		return err
	}
	var response struct {
		Message string `json:"message"`
	}
	if err := s.post(ctx, "method.call/"+url.PathEscape(name), map[string]any{"message": string(call)}, &response); err != nil {
		return err
	}
	var message struct {
		Result json.RawMessage `json:"result"`
		Error  json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal([]byte(response.Message), &message); err != nil {
		return fmt.Errorf("the response of %s: %w", name, err)
	}
	if len(message.Error) > 0 {
		return fmt.Errorf("%s returned %s", name, message.Error)
	}
	return json.Unmarshal(message.Result, result)
}

// post calls a route. The password is the second factor of an account that has no other.
func (s *setup) post(ctx context.Context, route string, body, response any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(s.url, "/")+"/api/v1/"+route, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		sum := sha256.Sum256([]byte(s.password))
		for name, value := range map[string]string{
			"X-User-Id": s.userID, "X-Auth-Token": s.token, "X-2fa-Method": "password", "X-2fa-Code": hex.EncodeToString(sum[:]),
		} {
			request.Header.Set(name, value)
		}
	}
	received, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer received.Body.Close() //nolint:errcheck // read to its end
	content, err := io.ReadAll(received.Body)
	if err != nil {
		return err
	}
	if received.StatusCode != http.StatusOK {
		return fmt.Errorf("%s returned HTTP status %d: %.300s", route, received.StatusCode, content)
	}
	return json.Unmarshal(content, response)
}
