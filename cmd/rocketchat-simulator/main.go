// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Command rocketchat-simulator serves a simulated Rocket.Chat workspace, for
// trying out configurations and policies without a real one. It prints the URL
// it serves and the environment variables that point the provider at it, and
// runs until it is interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "rocketchat-simulator:", err)
		os.Exit(1)
	}
}

const (
	// readHeaderTimeout bounds how long a client may take over its request.
	readHeaderTimeout = 10 * time.Second
	// shutdownTimeout bounds how long running requests are waited for.
	shutdownTimeout = 5 * time.Second
)

// run serves a workspace until ctx ends. The first line on stdout is the URL,
// the others are the environment variables as a shell reads them.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	s.workspace.OnMail = func(mail rocketchattest.Mail) {
		_, _ = fmt.Fprintf(stderr, "mail to %s: code %s\n", mail.To, mail.Code)
	}
	workspace := rocketchattest.New(s.workspace)
	account := workspace.Account(s.account)
	if account.UserID == "" {
		return fmt.Errorf("-account %s: want one of %s", s.account, strings.Join(accountNames(), ", "))
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: workspace, ReadHeaderTimeout: readHeaderTimeout}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if err := announce(s, "http://"+listener.Addr().String(), account, stdout); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		return server.Shutdown(ending)
	}
}

// announce says where the workspace is and how to get in.
func announce(s settings, url string, account rocketchattest.Account, stdout io.Writer) error {
	environment := environment(url, account)
	if err := errors.Join(writeFile(s.urlFile, url+"\n", 0o644), writeFile(s.envFile, environment, 0o600)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(stdout, "%s\n%s", url, environment)
	return err
}

// writeFile replaces a file, if it has a name, at once, so that whoever waits for it never reads
// a part, and with the mode from the beginning, whatever the old file's was.
func writeFile(name, text string, mode os.FileMode) error {
	if name == "" {
		return nil
	}
	temporary := name + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(temporary, []byte(text), mode); err != nil {
		return err
	}
	return os.Rename(temporary, name)
}

// environment is the provider's configuration for an account, as export lines.
func environment(url string, account rocketchattest.Account) string {
	if account.TOTPSecret != "" {
		account.Password = "" // the server would not ask for it
	}
	var b strings.Builder
	for _, variable := range []struct{ name, value string }{
		{"ROCKETCHAT_URL", url},
		{"ROCKETCHAT_USER_ID", account.UserID},
		{"ROCKETCHAT_AUTH_TOKEN", account.Token},
		{"ROCKETCHAT_TOTP_SECRET", account.TOTPSecret},
		{"ROCKETCHAT_PASSWORD", account.Password},
	} {
		if variable.value != "" {
			fmt.Fprintf(&b, "export %s='%s'\n", variable.name, variable.value)
		}
	}
	return b.String()
}
