package exchange

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"

	"quandesk/kb"
)

var (
	hashes   = regexp.MustCompile(`^ {0,3}(#{1,6})[ \t　]+(.*?)(?:[ \t]+#+)?[ \t]*$`)
	fence    = regexp.MustCompile("^ {0,3}(```|~~~)")
	ruler    = regexp.MustCompile(`^ {0,3}\|?[ :]*-{2,}[-| :]*$`)
	comment  = regexp.MustCompile(`(?s)(\\?)<!--.*?(?:-->|\z)`)
	image    = regexp.MustCompile(`!\[[^\]\n]*\]\([^)\n]*\)`)
	link     = regexp.MustCompile(`(^|[^\\!])\[([^\]\n]*)\]\(([^)\n]*)\)`)
	strong   = regexp.MustCompile(`(^|[^\\])\*\*([^*\n]+)\*\*`)
	escaped  = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")
	pageMark = regexp.MustCompile(`(?i)<br */?>`)
	matter   = regexp.MustCompile(`\A---\n((?:[^\n]*\n)*?)---\n`)
)

// readMarkdown reads a document of headings: 「## 11.2 投诉回应期限」 with the
// text below it becomes an article of clause 11.2.
func readMarkdown(text string) (Preview, error) {
	p := Preview{Format: Markdown}
	o := outline{p: &p, fields: true}
	skipped := 0
	if m := matter.FindStringSubmatch(text); m != nil {
		o.source = sourceIn(m[1])
		skipped = strings.Count(m[0], "\n")
		text = text[len(m[0]):]
	}
	comments := 0
	text = comment.ReplaceAllStringFunc(text, func(s string) string {
		if strings.HasPrefix(s, `\`) {
			return s
		}
		comments++
		return strings.Repeat("\n", strings.Count(s, "\n")) // lines keep their numbers
	})
	if comments > 0 {
		p.note("%d处注释没有导入。", comments)
	}
	if n := len(image.FindAllString(text, -1)); n > 0 {
		p.note("%d张图片没有导入。", n)
	}
	return p, o.read(markdownBlocks(text, skipped))
}

// sourceIn finds the source in the lines before a document.
func sourceIn(head string) string {
	for line := range strings.Lines(head) {
		if name, value, ok := strings.Cut(strings.Replace(line, "：", ":", 1), ":"); ok && fieldOf(name) == "source" {
			return strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return ""
}

func markdownBlocks(text string, skipped int) []block {
	var out []block
	all := strings.Split(text, "\n")
	fenced := ""
	for i := 0; i < len(all); i++ {
		line := all[i]
		where := "第" + number(skipped+i+1) + "行"
		if m := fence.FindStringSubmatch(line); m != nil && (fenced == "" || fenced == m[1]) {
			if fenced == "" {
				fenced = m[1]
			} else {
				fenced = ""
			}
			continue
		}
		switch m := hashes.FindStringSubmatch(line); {
		case fenced != "":
			out = append(out, block{where: where, text: escape(line)})
		case m != nil && !blank(m[2]):
			out = append(out, block{where: where, level: len(m[1]), text: plain(m[2])})
		case strings.HasPrefix(strings.TrimSpace(line), "|") && i+1 < len(all) && ruler.MatchString(all[i+1]):
			b := block{where: where, table: [][]string{tableCells(line)}}
			for i += 2; i < len(all) && strings.HasPrefix(strings.TrimSpace(all[i]), "|"); i++ {
				b.table = append(b.table, tableCells(all[i]))
			}
			i--
			out = append(out, b)
		default:
			out = append(out, block{where: where, text: line})
		}
	}
	return out
}

func tableCells(line string) []string {
	line = strings.TrimSpace(line)
	line = strings.TrimPrefix(line, "|")
	var cells []string
	var cell strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			cell.WriteString(line[i : i+2])
			i++
		case line[i] == '|':
			cells = append(cells, tableCell(cell.String()))
			cell.Reset()
		default:
			cell.WriteByte(line[i])
		}
	}
	if !blank(cell.String()) {
		cells = append(cells, tableCell(cell.String()))
	}
	return cells
}

func tableCell(text string) string {
	return plain(pageMark.ReplaceAllString(strings.TrimSpace(text), "\n"))
}

// plain takes the marks of Markdown out of a line: residents see none.
func plain(line string) string {
	line = image.ReplaceAllString(line, "")
	line = link.ReplaceAllString(line, "$1$2（$3）")
	line = strong.ReplaceAllString(line, "$1$2")
	return escaped.ReplaceAllString(line, "$1")
}

var (
	marks     = regexp.MustCompile("[\\\\*\\[\\]<|`#]")
	lineMarks = regexp.MustCompile(`(?m)^([ \t]*)([-+>~])`)
)

// escape writes a text so that plain gives the same back.
func escape(text string) string {
	return lineMarks.ReplaceAllString(marks.ReplaceAllString(text, `\$0`), `$1\$2`)
}

// flat is a text on one line.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// writeMarkdown writes a document that people can read and edit: one heading
// an article, its fields as a list, its texts below their names.
func writeMarkdown(w io.Writer, articles []kb.Article) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# %s\n", sheetName)
	for _, a := range articles {
		heading := strings.TrimSpace(a.Clause + " " + flat(a.Title))
		fmt.Fprintf(out, "\n## %s\n\n", escape(heading))
		fields := []string{"id", "also", "source", "verified", "open", "valid_from", "valid_to", "status"}
		if !sameHeading(heading, a) {
			fields = append([]string{"title", "clause"}, fields...)
		}
		for _, f := range fields {
			if v := strings.ReplaceAll(value(a, f), "\n", "，"); v != "" || f == "clause" {
				fmt.Fprintf(out, "- %s：%s\n", labelOf(f), escape(v))
			}
		}
		for _, f := range []string{"questions", "keywords"} {
			list := *lists(&a)[f]
			if len(list) == 0 {
				continue
			}
			fmt.Fprintf(out, "- %s：\n", labelOf(f))
			for _, item := range list {
				fmt.Fprintf(out, "  - %s\n", escape(flat(item)))
			}
		}
		for _, f := range []string{"short", "details", "next"} {
			if v := value(a, f); v != "" {
				fmt.Fprintf(out, "\n**%s**\n\n%s\n", labelOf(f), escape(v))
			}
		}
	}
	return out.Flush()
}
