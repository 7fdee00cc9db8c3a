package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/kb"
	"quandesk/kb/exchange"
	"quandesk/server/config"
)

// clerk runs commands on a desk of its own that knows the shipped articles.
type clerk struct {
	*testing.T
	cfg config.Config
	dir string
}

func newClerk(t *testing.T) clerk {
	t.Helper()
	c := clerk{T: t, dir: t.TempDir()}
	var err error
	c.cfg, err = config.Load(func(name string) string {
		return map[string]string{"HUB_DATA": c.dir, "HUB_DEMO_PASSWORD": demoPassword}[name]
	})
	require.NoError(t, err)
	require.NoError(t, seed(t.Context(), c.cfg, slog.New(slog.DiscardHandler), new(bytes.Buffer)))
	return c
}

func (c clerk) run(args ...string) (string, error) {
	var out bytes.Buffer
	err := knowledge(c.Context(), c.cfg, slog.New(slog.DiscardHandler), args, &out)
	return out.String(), err
}

func (c clerk) file(name, text string) string {
	c.Helper()
	path := filepath.Join(c.dir, name)
	require.NoError(c, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (c clerk) articles(path string) []kb.Article {
	c.Helper()
	p, err := previewOf(path)
	require.NoError(c, err)
	require.Empty(c, p.Bad())
	var out []kb.Article
	for _, r := range p.Rows {
		out = append(out, r.Article)
	}
	return out
}

func TestWhatIsExportedIsImportedAsNothingNew(t *testing.T) {
	c := newClerk(t)
	shipped, err := kb.Seed()
	require.NoError(t, err)
	for _, f := range []exchange.Format{exchange.YAML, exchange.CSV, exchange.XLSX, exchange.Markdown} {
		path := filepath.Join(c.dir, "知识."+string(f))
		said, err := c.run("export", path)
		require.NoError(t, err)
		require.Contains(t, said, "已写入")
		require.Len(t, c.articles(path), len(shipped))
		said, err = c.run("import", path)
		require.NoError(t, err)
		require.Contains(t, said, "新增 0 条，修改 0 条")
	}
}

func TestAnImportIsFirstAPreviewAndThenDrafts(t *testing.T) {
	c := newClerk(t)
	path := c.file("新.csv", "编号,标题,答案,来源,已核实\nnew-one,新条目,水费可以网上缴。,《测试》,是\nbad,,没有标题,,\n")
	said, err := c.run("import", "-preview", path)
	require.ErrorIs(t, err, errRows)
	require.Contains(t, said, "新增　new-one　新条目　第2行")
	require.Contains(t, said, "不能导入　第3行：“标题”没有填。")
	require.Contains(t, said, "没有改动任何内容")
	exported := filepath.Join(c.dir, "草稿.yaml")
	draft := func() []kb.Article {
		_, err := c.run("export", "-drafts", exported)
		require.NoError(t, err)
		var out []kb.Article
		for _, a := range c.articles(exported) {
			if a.ID == "new-one" || a.ID == "bad" {
				out = append(out, a)
			}
		}
		return out
	}
	require.Empty(t, draft())
	_, err = c.run("import", path)
	require.ErrorIs(t, err, errRows, "good rows are stored, bad ones are still told")
	kept := draft()
	require.Len(t, kept, 1)
	require.Equal(t, kb.Draft, kept[0].Status)
	require.True(t, kept[0].Verified, "the file says so; somebody else publishes it")
	_, err = c.run("export", exported)
	require.NoError(t, err)
	for _, a := range c.articles(exported) {
		require.NotEqual(t, "new-one", a.ID, "residents are not told a draft")
	}
}

func TestNothingIsImportedWhenOneFileIsBroken(t *testing.T) {
	c := newClerk(t)
	good := c.file("好.csv", "编号,标题,答案\nnew-one,新,好\n")
	_, err := c.run("import", good, c.file("坏.csv", "标题,答案\n\"坏,\n"))
	require.ErrorContains(t, err, "坏.csv：第2行的引号不成对")
	said, err := c.run("import", "-preview", good)
	require.NoError(t, err)
	require.Contains(t, said, "新增　new-one", "nothing of the other file was stored")
}

func TestTheCommandForKnowledgeSaysHowItIsUsed(t *testing.T) {
	c := newClerk(t)
	for _, args := range [][]string{nil, {"burn"}, {"import"}, {"import", "-mood", "x"}, {"export", "a.yaml", "b.yaml"}, {"export", "a.docx"}, {"export", "-format", "pdf"}} {
		_, err := c.run(args...)
		require.ErrorAs(t, err, new(usageError), "%v", args)
	}
	_, err := c.run("import", "nowhere.csv")
	require.ErrorIs(t, err, os.ErrNotExist)
	said, err := c.run("export")
	require.NoError(t, err)
	require.Contains(t, said, "- id: ")
}

func TestClausesAreInTheirOrder(t *testing.T) {
	for _, c := range [][2]string{{"9.5", "10.1"}, {"", "1"}, {"7.3", "7.3.1"}, {"3.2", "3.10"}} {
		require.Negative(t, compareClauses(c[0], c[1]), c)
		require.Positive(t, compareClauses(c[1], c[0]), c)
	}
}
