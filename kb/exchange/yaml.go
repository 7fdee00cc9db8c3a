package exchange

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"quandesk/kb"
)

// record is an article in YAML as it is read: the form of the shipped articles.
type record struct {
	ID        string    `yaml:"id"`
	Title     string    `yaml:"title"`
	Short     string    `yaml:"short"`
	Details   string    `yaml:"details"`
	Next      string    `yaml:"next"`
	Clause    string    `yaml:"clause"`
	Also      []string  `yaml:"also"`
	Source    string    `yaml:"source"`
	Questions []string  `yaml:"questions"`
	Keywords  []string  `yaml:"keywords"`
	Verified  bool      `yaml:"verified"`
	Open      bool      `yaml:"open"`
	ValidFrom string    `yaml:"valid_from"`
	ValidTo   string    `yaml:"valid_to"`
	Status    kb.Status `yaml:"status"`
}

const (
	largestYAML = 8 << 20 // bytes
	deepestYAML = 50      // brackets open at a time: an article has one
)

var nested = regexp.MustCompile(`(?m)^[ \t]*(?:[-?:!&][^\n ]*[ \t]+){8}`)

func readYAML(text string) (Preview, error) {
	p := Preview{Format: YAML}
	if len(text) > largestYAML {
		return p, broken("YAML 文件最大 %d MB，请拆成几个文件。", largestYAML>>20)
	}
	if depth(text) > deepestYAML || nested.MatchString(text) {
		return p, broken("文件里的嵌套太深，不是知识条目的写法。")
	}
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return p, broken("第%s行不符合 YAML 的写法，整个文件都没有导入。", lineOf(err))
	}
	for _, doc := range file.Docs {
		list, ok := doc.Body.(*ast.SequenceNode)
		if !ok {
			return p, broken("YAML 文件里应当是一串条目，每条以“- id:”开头。")
		}
		for _, node := range list.Values {
			p.Rows = append(p.Rows, recordRow(node))
		}
	}
	return p, nil
}

// depth is how many brackets are open at most.
func depth(text string) int {
	open, most := 0, 0
	for _, r := range text {
		switch r {
		case '[', '{':
			open++
			most = max(most, open)
		case ']', '}':
			open = max(0, open-1)
		}
	}
	return most
}

var yamlLine = regexp.MustCompile(`\[(\d+):\d+\]`)

// lineOf finds the line in an error of the parser.
func lineOf(err error) string {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	return "?"
}

func recordRow(node ast.Node) Row {
	r := Row{Where: "第" + strconv.Itoa(node.GetToken().Position.Line) + "行的条目"}
	var x record
	err := yaml.NodeToValue(node, &x, yaml.Strict())
	var unknown *yaml.UnknownFieldError
	switch {
	case errors.As(err, &unknown):
		r.problem("第%s行的字段不认识。", lineOf(err))
	case err != nil:
		r.problem("第%s行的值不对：文字要成文字，问法等要成列表，verified、open 要写 true 或 false。", lineOf(err))
	}
	r.Article = kb.Article{
		ID: x.ID, Title: x.Title, Short: x.Short, Details: x.Details, Next: x.Next, Clause: x.Clause, Also: x.Also,
		Source: x.Source, Questions: x.Questions, Keywords: x.Keywords, Verified: x.Verified, Open: x.Open,
		ValidFrom: r.day("valid_from", x.ValidFrom), ValidTo: r.day("valid_to", x.ValidTo),
	}
	r.set("status", string(x.Status))
	return r
}

// simple is a text that needs no quotes in YAML: it begins with a Chinese
// letter and holds no mark that means something there.
var simple = regexp.MustCompile(`^\p{Han}(?:[\p{Han}0-9A-Za-z，。；！？、（）《》“”—/.+%~ -]*[\p{Han}0-9A-Za-z，。；！？、（）《》“”—])?$`)

func quoted(text string) (string, error) {
	if simple.MatchString(text) {
		return text, nil
	}
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(text) // a string of JSON is one of YAML
	return strings.TrimSuffix(out.String(), "\n"), err
}

// writeYAML writes articles as those that come with the program are written.
func writeYAML(w io.Writer, articles []kb.Article) error {
	out := bufio.NewWriter(w)
	for i, a := range articles {
		if i > 0 {
			out.WriteString("\n")
		}
		if err := writeRecord(out, a); err != nil {
			return err
		}
	}
	return out.Flush()
}

func writeRecord(out *bufio.Writer, a kb.Article) error {
	before := "- "
	for _, c := range written() {
		if p, many := lists(&a)[c.field]; many {
			if err := writeList(out, c.field, *p); err != nil {
				return err
			}
			continue
		}
		text := ""
		switch c.field {
		case "verified":
			text = strconv.FormatBool(a.Verified)
		case "open":
			if a.Open {
				text = "true"
			}
		case "status":
			text = string(a.Status)
		default:
			var err error
			if v := value(a, c.field); v != "" {
				text, err = quoted(v)
			}
			if err != nil {
				return err
			}
		}
		if text != "" {
			fmt.Fprintf(out, "%s%s: %s\n", before, c.field, text)
			before = "  "
		}
	}
	return nil
}

func writeList(out *bufio.Writer, field string, list []string) error {
	if len(list) == 0 {
		return nil
	}
	fmt.Fprintf(out, "  %s:\n", field)
	for _, item := range list {
		text, err := quoted(item)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  - %s\n", text)
	}
	return nil
}
