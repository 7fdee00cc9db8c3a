package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/channels/hotline12345"
	"quandesk/server/config"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

// heldAt names the place at which an import stops, for a process of its own.
const heldAt = "QUANDESK_TEST_HELD_AT"

// halting is a store whose import stops in the middle and waits to be killed.
type halting struct {
	*store.Store
	at string
}

func (h halting) InImport(ctx context.Context, f func(hotline12345.BulkTx) error) error {
	return h.Store.InImport(ctx, func(tx hotline12345.BulkTx) error {
		h.hold("begun")
		err := f(haltingTx{tx, h})
		h.hold("not yet committed")
		return err
	})
}

// hold tells whoever started this process where it is, and goes no further.
func (h halting) hold(at string) {
	if h.at == at {
		fmt.Println(at)
		select {}
	}
}

type haltingTx struct {
	hotline12345.BulkTx
	halting
}

func (t haltingTx) FileAll(ctx context.Context, orders []*hotline12345.Filed, events []*hotline12345.Event) error {
	t.hold("tickets without orders")
	return t.BulkTx.FileAll(ctx, orders, events)
}

// importAndHold is a whole process: it imports the file it is given and stops
// at a place of that.
func importAndHold(at string) {
	ctx := context.Background()
	if err := func() error {
		cfg := config.Config{Data: os.Getenv("HUB_DATA"), DatabaseURL: os.Getenv("HUB_DATABASE_URL")}
		s, err := openStore(ctx, cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		file, err := os.ReadFile(os.Getenv("HUB_FILE"))
		if err != nil {
			return err
		}
		cal, err := calendar.Default()
		if err != nil {
			return err
		}
		table, err := tickets.LoadRules("", cal)
		if err != nil {
			return err
		}
		by := tickets.Actor{Kind: tickets.By12345, Name: "命令行导入"}
		box := hotline12345.NewMailbox(halting{s, at}, tickets.NewDesk(s, table, s.Now), nil, s.Now)
		u, err := box.Upload(ctx, by, "工单.csv", file)
		if err != nil {
			return err
		}
		_, err = box.Confirm(ctx, by, u.ID, false)
		return err
	}(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(1) // nobody stopped it
}

func TestAKilledImportLosesAndDoublesNothing(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, databaseURL string) {
		const rows = 600
		dir := t.TempDir()
		cfg := config.Config{Data: dir, DatabaseURL: databaseURL}
		file := filepath.Join(dir, "工单.csv")
		require.NoError(t, os.WriteFile(file, ordersFile(t, rows), 0o600))
		_, err := imports(t, cfg, "-dry-run", file) // the database is there
		require.NoError(t, err)
		for _, at := range []string{"begun", "tickets without orders", "not yet committed"} {
			killedAt(t, cfg, file, at)
			require.Zero(t, numbered(t, cfg, rows), "killed: %s", at)
		}
		out, err := imports(t, cfg, file)
		require.NoError(t, err)
		require.Contains(t, out, fmt.Sprintf("新登记工单%d件", rows))
		require.Equal(t, rows, numbered(t, cfg, rows))
		out, err = imports(t, cfg, file)
		require.NoError(t, err)
		require.Contains(t, out, fmt.Sprintf("已有、没有变化%d件", rows))
		require.Equal(t, rows, numbered(t, cfg, rows))
		require.NoError(t, check(t.Context(), cfg, slog.New(slog.DiscardHandler), &bytes.Buffer{}))
	})
}

func ordersFile(t *testing.T, rows int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	require.NoError(t, w.Write([]string{"工单编号", "问题描述", "联系电话", "来电类别"}))
	for i := range rows {
		require.NoError(t, w.Write([]string{fmt.Sprintf("260302093015%06d", i), "家里停水两天", "13805310011", "投诉"}))
	}
	w.Flush()
	require.NoError(t, w.Error())
	return b.Bytes()
}

func imports(t *testing.T, cfg config.Config, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := import12345(t.Context(), cfg, slog.New(slog.DiscardHandler), args, &out)
	return out.String(), err
}

// killedAt starts an import as a process of its own and kills it where it is.
func killedAt(t *testing.T, cfg config.Config, file, at string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), heldAt+"="+at, "HUB_DATA="+cfg.Data, "HUB_DATABASE_URL="+cfg.DatabaseURL, "HUB_FILE="+file)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, at+"\n", line)
	require.NoError(t, child.Process.Kill()) // SIGKILL
	require.Error(t, child.Wait())
}

// numbered counts the tickets, each of an order of its own.
func numbered(t *testing.T, cfg config.Config, rows int) int {
	t.Helper()
	s, err := openStore(t.Context(), cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer s.Close()
	seen := map[string]bool{}
	f := tickets.Filter{Limit: 200}
	for {
		page, err := s.List(t.Context(), tickets.Everything, f)
		require.NoError(t, err)
		for _, ticket := range page.Tickets {
			require.False(t, seen[ticket.ExternalNo], ticket.ExternalNo)
			seen[ticket.ExternalNo] = true
			_, err := s.OrderOf(t.Context(), ticket.ID)
			require.NoError(t, err)
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			return len(seen)
		}
	}
}
