package exchange

import (
	"regexp"
	"slices"
	"strings"

	"quandesk/kb"
)

// block is one piece of a document: a heading, a paragraph or a table.
type block struct {
	where string
	level int        // of a heading; 0 is text
	text  string     // of a heading one line
	table [][]string // instead of text
}

// articles reports whether the block is a table of articles.
func (b block) articles() bool {
	return slices.ContainsFunc(b.table[:min(len(b.table), headerWithin)], func(cells []string) bool {
		_, ok := newHeader(cells)
		return ok
	})
}

// outline makes articles of the blocks of a document: each heading that has a
// text below it is one, and so is each row of a table that has the columns of
// articles.
type outline struct {
	p      *Preview
	source string // of all articles that name none
	fields bool   // a text is in Markdown and may begin with lines such as 「- 编号：…」
	at     *section
	bare   int // headings without a text
	before int // pieces of text before the first heading
}

// section is a heading with what stands below it.
type section struct {
	block
	body []string
}

func (o *outline) read(blocks []block) error {
	rest, title := titled(blocks)
	if o.source == "" && title != "" && title != sheetName {
		o.source = sourceOf(title)
	}
	for _, b := range rest {
		switch {
		case b.table != nil:
			if err := o.addTable(b); err != nil {
				return err
			}
		case b.level > 0 && !o.continues(b):
			if err := o.close(); err != nil {
				return err
			}
			o.at = &section{block: b}
		case o.at != nil:
			if b.level > 0 {
				b.text = o.literal(b.text)
			}
			o.at.body = append(o.at.body, b.text)
		case strings.TrimSpace(b.text) != "":
			o.before++
		}
	}
	if err := o.close(); err != nil {
		return err
	}
	if o.bare > 0 {
		o.p.note("%d个标题下面没有正文，没有生成条目。", o.bare)
	}
	if o.before > 0 {
		o.p.note("第一个标题前面的文字没有导入。")
	}
	return nil
}

// titled takes the title of the whole document off: the first heading, when it
// is the only one of its level, has no number, and what stands below it is
// headings, or a table of articles without a text.
func titled(blocks []block) ([]block, string) {
	first := slices.IndexFunc(blocks, func(b block) bool { return b.level > 0 })
	if first < 0 {
		return blocks, ""
	}
	top := blocks[first]
	if number, _ := numbered(top.text); number != "" || len(blocks) == first+1 {
		return blocks, ""
	}
	higher := func(b block) bool { return b.level > 0 && b.level <= top.level }
	deeper := func(b block) bool { return b.level > top.level }
	text := func(b block) bool { return b.level == 0 && !b.articles() && (b.table != nil || !blank(b.text)) }
	below := blocks[first+1:]
	table := slices.ContainsFunc(below, block.articles) && !slices.ContainsFunc(below, text)
	if slices.ContainsFunc(below, higher) || !slices.ContainsFunc(below, deeper) && !table {
		return blocks, ""
	}
	return slices.Delete(slices.Clone(blocks), first, first+1), top.text
}

// sourceOf is the name of a document as articles cite it.
func sourceOf(title string) string {
	name := title
	if i := strings.IndexAny(name, "（("); i > 0 {
		name = name[:i]
	}
	return "《" + strings.Trim(strings.TrimSpace(name), "《》") + "》"
}

// continues reports whether a heading without a number belongs to the text of
// the numbered one above it.
func (o *outline) continues(b block) bool {
	if o.at == nil || b.level <= o.at.level {
		return false
	}
	above, _ := numbered(o.at.text)
	number, _ := numbered(b.text)
	return above != "" && number == ""
}

var leading = regexp.MustCompile(`^第?\s*(\d{1,2}(?:[.．]\d{1,3}){0,3})[\s　]*(?:[条、．]|[.．][\s　]|[\s　])[\s　]*(\S.*)$`)

// numbered takes the clause off a heading; empty when it begins with none.
func numbered(text string) (number, rest string) {
	text = strings.TrimSpace(text)
	m := leading.FindStringSubmatch(text)
	if m == nil {
		return "", text
	}
	number = strings.ReplaceAll(m[1], "．", ".")
	if !clause(number) {
		return "", text
	}
	return number, strings.TrimSpace(m[2])
}

// close makes the section that ends here an article.
func (o *outline) close() error {
	s := o.at
	o.at = nil
	if s == nil {
		return nil
	}
	body := strings.TrimSpace(strings.Join(s.body, "\n"))
	if body == "" {
		o.bare++
		return nil
	}
	r := Row{Where: s.where + "“" + shorten(s.text) + "”"}
	r.Article.Clause, r.Article.Title = numbered(s.text)
	if o.fields {
		body = r.readFields(body)
	}
	if body != "" {
		fill(&r, body)
	}
	if r.Article.Source == "" {
		r.Article.Source = o.source
	}
	return o.add(r)
}

func (o *outline) add(r Row) error {
	if len(o.p.Rows) >= mostRows {
		return broken("一次最多导入 %d 条，请拆成几个文件。", mostRows)
	}
	o.p.Rows = append(o.p.Rows, r)
	return nil
}

// addTable reads a table of articles; any other is text.
func (o *outline) addTable(b block) error {
	for i := range min(len(b.table), headerWithin) {
		h, ok := newHeader(b.table[i])
		if !ok {
			continue
		}
		h.unknown(o.p, b.where, b.table[i])
		for n, cells := range b.table[i+1:] {
			if empty(cells) {
				continue
			}
			r := h.row(b.where+"的表格第"+number(i+n+2)+"行", cells)
			if r.Article.Source == "" {
				r.Article.Source = o.source
			}
			if err := o.add(r); err != nil {
				return err
			}
		}
		return nil
	}
	if o.at == nil {
		o.before++
		return nil
	}
	for _, cells := range b.table {
		o.at.body = append(o.at.body, o.literal(strings.Join(slices.DeleteFunc(slices.Clone(cells), blank), "　")))
	}
	return nil
}

// literal is a line of a text that has been read already.
func (o *outline) literal(line string) string {
	if o.fields {
		return escape(line)
	}
	return line
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

var (
	fieldLine = regexp.MustCompile(`^[-*] +([^：:\s]+)[：:] *(.*)$`)
	itemLine  = regexp.MustCompile(`^[ \t]+[-*] +(.*)$`)
	partLine  = regexp.MustCompile(`^\*\*([^*]+)\*\*[：:]?$`)
)

// readFields takes the fields off the beginning of a text, 「- 编号：…」, and
// the parts that are named in it, 「**补充说明**」; it returns the rest.
func (r *Row) readFields(body string) string {
	all := strings.Split(body, "\n")
	list := ""
	var items []string
	flush := func() {
		if list != "" && len(items) > 0 {
			*lists(&r.Article)[list] = items
		}
		list, items = "", nil
	}
	for len(all) > 0 {
		if m := itemLine.FindStringSubmatch(all[0]); m != nil && list != "" {
			items, all = append(items, plain(m[1])), all[1:]
			continue
		}
		m := fieldLine.FindStringSubmatch(all[0])
		if m == nil {
			break
		}
		field := fieldOf(m[1])
		if field == "" || field == content {
			break
		}
		flush()
		if _, many := lists(&r.Article)[field]; many && blank(m[2]) {
			list = field
		} else {
			r.set(field, plain(m[2]))
		}
		all = all[1:]
	}
	flush()
	return r.readParts(all)
}

func (r *Row) readParts(all []string) string {
	field := ""
	parts := map[string][]string{}
	for _, line := range all {
		if m := partLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			if f := fieldOf(m[1]); f == "short" || f == "details" || f == "next" {
				field = f
				continue
			}
		}
		parts[field] = append(parts[field], plain(line))
	}
	for f, body := range parts {
		if f != "" {
			*texts(&r.Article)[f] = strings.TrimSpace(strings.Join(body, "\n"))
		}
	}
	rest := strings.TrimSpace(strings.Join(parts[""], "\n"))
	if r.Article.Short != "" && rest != "" {
		r.Article.Details = strings.TrimSpace(rest + "\n" + r.Article.Details)
		return ""
	}
	return rest
}

// sameHeading reports whether a heading reads back as this title and clause.
func sameHeading(text string, a kb.Article) bool {
	number, title := numbered(text)
	return number == a.Clause && title == a.Title
}
