package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/kb/exchange"
	"quandesk/server/config"
	"quandesk/server/store"
)

var errKBUsage = errors.New(`usage: server kb import [-preview] FILE…
       server kb export [-format yaml|csv|xlsx|md] [-drafts] [FILE]`)

// knowledge imports and exports articles.
func knowledge(ctx context.Context, cfg config.Config, log *slog.Logger, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "import" && args[0] != "export" {
		return usageError{errKBUsage}
	}
	flags := flag.NewFlagSet("kb "+args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	only := flags.Bool("preview", false, "tell what would be imported and change nothing")
	format := flags.String("format", "", "yaml, csv, xlsx or md; the name of the file when empty")
	drafts := flags.Bool("drafts", false, "the versions on the editor's desk instead of those residents are told")
	files, err := parse(flags, args[1:])
	if err != nil {
		return usageError{errors.Join(errKBUsage, err)}
	}
	if args[0] == "import" && len(files) == 0 || args[0] == "export" && len(files) > 1 {
		return usageError{errKBUsage}
	}
	s, err := openStore(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer s.Close()
	if args[0] == "export" {
		return exportArticles(ctx, s, strings.Join(files, ""), *format, *drafts, out)
	}
	desk := newKnowledge(s, kb.NewLibrary(s, embedded.New(kb.Words{}), s.Now), kb.Words{}, nil, nil)
	return importArticles(ctx, desk, files, !*only, out)
}

// errRows is returned when rows of a file could not be imported.
var errRows = errors.New("有的行不能导入，见上面的说明")

// importArticles prints what each file holds and, with apply, makes drafts of
// its good rows. Every file is read before anything is stored: when one is
// broken nothing is.
func importArticles(ctx context.Context, desk exchange.Desk, names []string, apply bool, out io.Writer) error {
	previews := make([]exchange.Preview, len(names))
	for i, name := range names {
		p, err := previewOf(name)
		if err != nil {
			return fmt.Errorf("%s：%w", filepath.Base(name), err)
		}
		if err := p.Compare(ctx, desk); err != nil {
			return err
		}
		previews[i] = p
	}
	var bad error
	for i, p := range previews {
		fmt.Fprintf(out, "%s（%s）\n", filepath.Base(names[i]), p.Format)
		printPreview(out, p)
		if len(p.Bad()) > 0 {
			bad = errRows
		}
		if !apply {
			continue
		}
		// The program itself is the author, so anybody who publishes may publish these.
		done, err := exchange.Import(ctx, desk, kb.Editor{Edits: true}, p)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "已存为草稿：新增 %d 条，修改 %d 条；%d 条没有变化，%d 条没有导入。复核、发布后才对外生效。\n",
			done.Fresh, done.Changed, done.Same, done.Bad)
	}
	if !apply {
		fmt.Fprintln(out, "以上只是预览，没有改动任何内容；去掉 -preview 即导入为草稿。")
	}
	return bad
}

func previewOf(name string) (exchange.Preview, error) {
	f, err := os.Open(name)
	if err != nil {
		return exchange.Preview{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return exchange.Preview{}, err
	}
	return exchange.Read(name, f, info.Size())
}

var changeWords = map[exchange.Change]string{exchange.Fresh: "新增", exchange.Changed: "修改", exchange.Same: "没有变化"}

func printPreview(out io.Writer, p exchange.Preview) {
	for _, r := range p.Rows {
		for _, problem := range r.Problems {
			fmt.Fprintf(out, "  不能导入　%s\n", problem)
		}
		if len(r.Problems) > 0 {
			continue
		}
		fmt.Fprintf(out, "  %s　%s　%s　%s%s\n", changeWords[r.Change], r.Article.ID,
			strings.TrimSpace(r.Article.Clause+" "+r.Article.Title), r.Where, tail("　", r.Hints))
	}
	for _, n := range p.Notes {
		fmt.Fprintf(out, "  说明　%s\n", n)
	}
}

func tail(before string, list []string) string {
	if len(list) == 0 {
		return ""
	}
	return before + strings.Join(list, "")
}

// exportArticles writes what residents are told, or the versions on the desk,
// to a file, or to out without a name.
func exportArticles(ctx context.Context, s *store.Store, name, format string, drafts bool, out io.Writer) error {
	f := exchange.Format(format)
	if f == "" {
		f = exchange.Format(strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), "."))
	}
	switch f {
	case "", "yml":
		f = exchange.YAML
	case "markdown":
		f = exchange.Markdown
	case exchange.YAML, exchange.CSV, exchange.XLSX, exchange.Markdown:
	default:
		return usageError{fmt.Errorf("%q is not a format of exports; there are yaml, csv, xlsx and md", f)}
	}
	list, err := articlesOf(ctx, s, drafts)
	if err != nil {
		return err
	}
	if name == "" {
		return exchange.Write(out, f, list)
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	err = errors.Join(exchange.Write(file, f, list), file.Close())
	if err == nil {
		fmt.Fprintf(out, "%d 条已写入 %s。\n", len(list), filepath.Base(name))
	}
	return err
}

// articlesOf lists one version of each article in the order of their clauses.
func articlesOf(ctx context.Context, s *store.Store, drafts bool) ([]kb.Article, error) {
	var out []kb.Article
	var err error
	if drafts {
		out, err = onDesk(ctx, s)
	} else {
		out, err = toldArticles(ctx, s)
	}
	slices.SortFunc(out, func(a, b kb.Article) int {
		if n := compareClauses(a.Clause, b.Clause); n != 0 {
			return n
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, err
}

// toldArticles is what residents are told: of each article the version in force, or
// the one that will be.
func toldArticles(ctx context.Context, s *store.Store) ([]kb.Article, error) {
	all, err := s.Articles(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	chosen := map[string]int{}
	var out []kb.Article
	for _, a := range all { // of each the newest first
		i, ok := chosen[a.ID]
		switch {
		case !ok:
			chosen[a.ID] = len(out)
			out = append(out, a)
		case a.InForce(now) && !out[i].InForce(now):
			out[i] = a
		}
	}
	return out, nil
}

// onDesk is every article as it stands on the editor's desk, but for those
// that are retired.
func onDesk(ctx context.Context, s *store.Store) ([]kb.Article, error) {
	var out []kb.Article
	for f := (kb.Filter{}); ; {
		page, err := s.Entries(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			e, err := s.Entry(ctx, row.ID)
			if err != nil {
				return nil, err
			}
			if e.Head.Status != kb.Retired {
				out = append(out, e.Head.Article)
			}
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			return out, nil
		}
	}
}

// compareClauses orders 9.5 before 10.1.
func compareClauses(a, b string) int {
	left, right := strings.Split(a, "."), strings.Split(b, ".")
	return slices.CompareFunc(left, right, func(x, y string) int {
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		return strings.Compare(x, y)
	})
}
