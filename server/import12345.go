package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"quandesk/bot/rules"
	"quandesk/channels/hotline12345"
	"quandesk/server/config"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

var errImportUsage = errors.New("usage: server import12345 [-dry-run] [-skip-wrong] FILE")

// errNotImported is returned when nothing of a file was imported.
var errNotImported = errors.New("nothing was imported")

// import12345 takes a spreadsheet of orders in: it says of every row that is
// not simply new what is the matter, and imports all rows or none.
func import12345(ctx context.Context, cfg config.Config, log *slog.Logger, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("import12345", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	dry := flags.Bool("dry-run", false, "only show what would be imported")
	skip := flags.Bool("skip-wrong", false, "leave wrong rows out")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 {
		return usageError{errImportUsage}
	}
	const largest = 20 << 20
	info, err := os.Stat(flags.Arg(0))
	if err != nil {
		return err
	}
	if info.Size() > largest {
		return fmt.Errorf("%w: the file is larger than 20 MB", errNotImported)
	}
	file, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	box, end, err := openMailbox(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer end()
	by := tickets.Actor{Kind: tickets.By12345, Name: "命令行导入"}
	u, err := box.Upload(ctx, by, info.Name(), file)
	var bad *hotline12345.FileError
	if errors.As(err, &bad) {
		return fmt.Errorf("%w: %s", errNotImported, bad.Words)
	}
	if err != nil {
		return err
	}
	printUpload(out, u)
	if *dry {
		return box.Drop(ctx, u.ID)
	}
	if u, err = box.Confirm(ctx, by, u.ID, *skip); errors.Is(err, hotline12345.ErrWrong) {
		return fmt.Errorf("%w: the file has wrong rows; mend them, or leave them out with -skip-wrong", errNotImported)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(out, u.ResultWords())
	return nil
}

func printUpload(out io.Writer, u *hotline12345.Upload) {
	for _, n := range u.Notes {
		fmt.Fprintln(out, n)
	}
	for _, l := range u.Lines {
		for _, p := range l.Problems {
			fmt.Fprintf(out, "有误    %s %s\n", l.Where, p)
		}
		if l.Verdict == hotline12345.Changed {
			fmt.Fprintf(out, "有变化  %s %s %s\n", l.Where, l.No, l.Why)
		}
	}
	fmt.Fprintf(out, "新增%d，已有%d，有变化%d，有误%d\n", u.Counts.New, u.Counts.Known, u.Counts.Changed, u.Counts.Wrong)
}

// openMailbox is the mailbox of 12345 without the rest of the desk.
func openMailbox(ctx context.Context, cfg config.Config, log *slog.Logger) (*hotline12345.Mailbox, func(), error) {
	const wait = 30 * time.Second // for a hub that is busy with the last file
	s, err := openWaiting(ctx, cfg, log, wait)
	if err != nil {
		return nil, nil, err
	}
	end := func() { s.Close() }
	cal, err := calendar.Default()
	if err != nil {
		end()
		return nil, nil, err
	}
	table, err := tickets.LoadRules(cfg.Rules, cal)
	if err != nil {
		end()
		return nil, nil, err
	}
	understander, err := rules.New()
	if err != nil {
		end()
		return nil, nil, err
	}
	return hotline12345.NewMailbox(s, tickets.NewDesk(s, table, s.Now), understood(understander), s.Now), end, nil
}
