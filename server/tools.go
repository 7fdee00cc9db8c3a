package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/server/auth"
	"quandesk/server/config"
	"quandesk/server/jobs"
	"quandesk/server/store"
	"quandesk/tickets"
)

// parse reads the flags of a command wherever they stand and returns the rest.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil || flags.NArg() == 0 {
			return rest, err
		}
		before := len(args) - flags.NArg()
		if before > 0 && args[before-1] == "--" {
			return append(rest, flags.Args()...), nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}

// migrate brings the desk's tables and the queue's tables up to date.
func migrate(ctx context.Context, cfg config.Config, log *slog.Logger, out io.Writer) error {
	s, err := openStore(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer s.Close()
	q, err := jobs.NewQueue(ctx, s, cfg.DatabaseURL, nil, log)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "The database is up to date.")
	return q.Stop(ctx)
}

// seed stores the shipped knowledge and, in development, the demo people.
func seed(ctx context.Context, cfg config.Config, log *slog.Logger, out io.Writer) error {
	s, err := openStore(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer s.Close()
	library := kb.NewLibrary(s, embedded.New(kb.Words{}), s.Now)
	p := &program{store: s, library: library, knowledge: newKnowledge(s, library, kb.Words{}, nil, nil),
		gate: auth.NewGate(s, s, s.Now, auth.Options{})}
	made, err := p.prepare(ctx, cfg)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "The shipped knowledge is stored.")
	if made != "" {
		fmt.Fprintf(out, "Password of the demo people, printed this once: %s\n", made)
	}
	return nil
}

var errUserUsage = errors.New("usage: server user add -username NAME -name 姓名 -role ROLE [-department 部门] < password")

// addUser makes or changes an account; the password is read from the
// standard input, so that it stands in no history of commands.
func addUser(ctx context.Context, cfg config.Config, log *slog.Logger, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "add" {
		return errUserUsage
	}
	flags := flag.NewFlagSet("user add", flag.ContinueOnError)
	var u auth.User
	flags.StringVar(&u.Username, "username", "", "name to log in with")
	flags.StringVar(&u.Name, "name", "", "name that colleagues and residents see")
	role := flags.String("role", string(auth.RoleAgent), "agent, lead, supervisor, administrator, editor or auditor")
	flags.StringVar(&u.Department, "department", "", "department; empty for the hotline desk")
	duties := flags.String("duties", "", "manager, leadership, department_head, separated by spaces")
	if err := flags.Parse(args[1:]); err != nil {
		return errUserUsage
	}
	u.Role = auth.Role(*role)
	for _, d := range strings.Fields(*duties) {
		u.Duties = append(u.Duties, auth.Duty(d))
	}
	password, err := io.ReadAll(io.LimitReader(os.Stdin, 1024))
	if err != nil {
		return fmt.Errorf("read password: %w", err)
	}
	s, err := openStore(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer s.Close()
	gate := auth.NewGate(s, s, s.Now, auth.Options{})
	if _, err := gate.AddUser(ctx, tickets.Clock, u, strings.TrimRight(string(password), "\r\n")); err != nil {
		return err
	}
	fmt.Fprintf(out, "Account %s is there.\n", u.Username)
	return nil
}

// errBroken is returned when check found something.
var errBroken = errors.New("the database breaks its invariants")

// check verifies the invariants and the audit chain and names what is broken.
func check(ctx context.Context, cfg config.Config, log *slog.Logger, out io.Writer) error {
	s, err := store.Open(ctx, store.Options{URL: cfg.DatabaseURL, Dir: cfg.Data, Log: log})
	if err != nil {
		return err
	}
	defer s.Close()
	found := 0
	err = s.Check(ctx, func(p store.Problem) {
		found++
		fmt.Fprintf(out, "%s  %s: %s\n", p.Invariant, p.Object, p.What)
	})
	if err != nil {
		return err
	}
	if found > 0 {
		return fmt.Errorf("%w: %d problems", errBroken, found)
	}
	fmt.Fprintln(out, "Invariants I1 to I9 hold and the audit chain is unbroken.")
	return nil
}
