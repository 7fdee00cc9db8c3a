// Command server is the whole desk in one program: the hub for residents and
// staff, its jobs and its clockwork, and the tools around them.
//
//	server [serve]        serve until SIGTERM
//	server migrate        bring the database up to date
//	server seed           store the shipped knowledge and, in development, the demo people
//	server user add …     make or change an account
//	server check          verify the invariants and the audit chain of a database
//	server kb import …    read articles from files, as drafts
//	server kb export …    write articles to a file
//	server eval FILE…     measure the bot on sets of messages and dialogues
//	server import12345 …  take a spreadsheet of orders of the 12345 hotline in
//	server load …         put a bounded load on a hub that runs on this machine
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"quandesk/server/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		if errors.As(err, new(usageError)) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

// errUsage is returned for words the command does not know.
var errUsage = errors.New("usage: server [serve | migrate | seed | user add | check | kb | eval | import12345 | load]")

func command(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) error {
	name := "serve"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	if name == "load" {
		return load(ctx, args, out)
	}
	cfg, err := config.Load(getenv)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(errs, nil))
	switch name {
	case "serve":
		return Run(ctx, cfg, log, out, nil)
	case "migrate":
		return migrate(ctx, cfg, log, out)
	case "seed":
		return seed(ctx, cfg, log, out)
	case "user":
		return addUser(ctx, cfg, log, args, out)
	case "check":
		return check(ctx, cfg, log, out)
	case "kb":
		return knowledge(ctx, cfg, log, args, out)
	case "import12345":
		return import12345(ctx, cfg, log, args, out)
	case "eval":
		return evaluate(ctx, cfg, args, out)
	}
	return errUsage
}
