package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/server/config"
	"quandesk/server/store/storetest"
)

func TestImport12345TakesAFileFromTheCommandLine(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, databaseURL string) {
		dir := t.TempDir()
		cfg := config.Config{Data: dir, DatabaseURL: databaseURL}
		file := filepath.Join(dir, "三月.csv")
		require.NoError(t, os.WriteFile(file, []byte("12345工单编号,12345内容描述,12345工单类型\n260302093015000001,水发黄,投诉\n2.60302E+17,停水,投诉\n"), 0o600))
		run := func(args ...string) (string, error) {
			var out bytes.Buffer
			err := import12345(t.Context(), cfg, slog.New(slog.DiscardHandler), args, &out)
			return out.String(), err
		}
		out, err := run(file)
		require.ErrorIs(t, err, errNotImported, "wrong rows are not left out unasked")
		require.Contains(t, out, "有误    第3行 A列“12345工单编号”")
		out, err = run("-dry-run", file)
		require.NoError(t, err)
		require.Contains(t, out, "新增1，已有0，有变化0，有误1")
		out, err = run("-skip-wrong", file)
		require.NoError(t, err)
		require.Contains(t, out, "已导入：新登记工单1件。")
		out, err = run("-skip-wrong", file)
		require.NoError(t, err)
		require.Contains(t, out, "新增0，已有1")
		require.Contains(t, out, "已导入：已有、没有变化1件。")
		_, err = run()
		require.ErrorAs(t, err, new(usageError))
		_, err = run(filepath.Join(dir, "none.csv"))
		require.ErrorIs(t, err, os.ErrNotExist)
		require.NoError(t, check(t.Context(), cfg, slog.New(slog.DiscardHandler), &bytes.Buffer{}))
	})
}
