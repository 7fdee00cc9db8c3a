package exchange

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	documentPart = "word/document.xml"
	deepest      = 200 // elements inside each other
)

// readDOCX reads the text that a reader of the document sees: paragraphs,
// headings with the numbers the program gives them, lists and tables. What is
// hidden, deleted or beside the text is not read: nobody has looked at it.
func readDOCX(parts *zip.Reader) (Preview, error) {
	p := Preview{Format: DOCX}
	d := document{styles: map[string]style{}, lists: map[string]*listing{}}
	for _, part := range []struct {
		name string
		read func(*xml.Decoder) error
	}{
		{"word/styles.xml", d.readStyles}, {"word/numbering.xml", d.readNumbering}, {documentPart, d.readBody},
	} {
		f, err := parts.Open(part.name)
		if err != nil {
			continue // only the document itself must be there, and it is
		}
		err = part.read(xml.NewDecoder(f))
		f.Close()
		if err != nil {
			return p, broken("文档已损坏（%s），没有导入。", path.Base(part.name))
		}
	}
	d.notes(&p, parts)
	if !slices.ContainsFunc(d.blocks, func(b block) bool { return b.level > 0 }) && guessHeadings(d.blocks) {
		p.note("文档没有用标题样式，以条款号开头的短行当作了标题，请核对。")
	}
	o := outline{p: &p, source: ""}
	return p, o.read(d.blocks)
}

// document is a document being read.
type document struct {
	styles map[string]style
	lists  map[string]*listing
	blocks []block

	stack  []string // names of the open elements
	para   paragraph
	run    run
	table  [][]string
	cell   []string
	wide   int  // columns that the cell covers
	tables int  // open tables
	gone   bool // the row is deleted
	plain  bool // white letters are seen: the table has colours of its own

	number                    int // of the paragraph
	hidden, deleted, inserted int
	pictures, notesBelow      int
}

// paragraph is the paragraph being read.
type paragraph struct {
	text   strings.Builder
	style  string
	level  int    // from its own outline level
	list   string // its own list, "0" for none
	depth  int    // in that list
	shaded bool
}

// run is a stretch of text with one look.
type run struct{ hidden, white, shaded bool }

// unread are the elements whose text nobody reads as part of the document.
var unread = []string{"del", "moveFrom", "instrText", "delText", "drawing", "pict", "object", "AlternateContent",
	"txbxContent", "rt", "footnoteReference", "endnoteReference", "commentReference", "pPrChange", "rPrChange",
	"tcPrChange", "trPrChange", "tblPrChange", "sectPr", "numPrChange"}

var errDamaged = errors.New("exchange: damaged")

// walk goes through a part; open and shut hear of its elements.
func walk(x *xml.Decoder, open func(e xml.StartElement) (skip bool), shut func(name string), text func(string)) error {
	for depth := 0; ; {
		token, err := x.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > deepest {
				return errDamaged
			}
			if open(t) {
				if err := x.Skip(); err != nil {
					return err
				}
				depth--
			}
		case xml.EndElement:
			depth--
			shut(t.Name.Local)
		case xml.CharData:
			text(string(t))
		case xml.Directive:
			return errDamaged // a document type has no business here
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// on reports whether a switch such as 「vanish」 is on.
func on(e xml.StartElement) bool {
	return !slices.Contains([]string{"0", "false", "off", "none"}, attr(e, "val"))
}

func (d *document) readBody(x *xml.Decoder) error {
	return walk(x, d.open, d.shut, func(s string) {
		if d.inside("t") {
			d.say(s)
		}
	})
}

func (d *document) inside(name string) bool {
	return len(d.stack) > 0 && d.stack[len(d.stack)-1] == name
}

func (d *document) open(e xml.StartElement) (skip bool) {
	name := e.Name.Local
	if slices.Contains(unread, name) {
		d.skip(name)
		return true
	}
	switch name {
	case "ins", "moveTo":
		d.inserted++
	case "p":
		d.number++
		d.para = paragraph{}
	case "r":
		d.run = run{}
	case "tab":
		if d.inside("r") {
			d.say(" ")
		}
	case "br", "cr":
		d.say("\n")
	case "noBreakHyphen":
		d.say("-")
	case "tbl":
		if d.tables++; d.tables == 1 {
			d.table, d.plain = [][]string{}, false
		}
	case "tr":
		if d.tables == 1 {
			d.table, d.gone = append(d.table, nil), false
		}
	case "tc":
		if d.tables == 1 {
			d.cell, d.wide = nil, 0
		}
	default:
		d.look(e)
	}
	d.stack = append(d.stack, name)
	return false
}

// skip counts what is left out.
func (d *document) skip(name string) {
	switch name {
	case "del", "moveFrom":
		d.deleted++
		if d.inside("trPr") {
			d.gone = true
		}
	case "drawing", "pict", "object", "AlternateContent", "txbxContent":
		d.pictures++
	case "footnoteReference", "endnoteReference":
		d.notesBelow++
	}
}

// look hears how the text looks.
func (d *document) look(e xml.StartElement) {
	inRun := d.inside("rPr") && len(d.stack) > 1 && d.stack[len(d.stack)-2] == "r"
	inParagraph := d.inside("pPr")
	switch name := e.Name.Local; {
	case name == "pStyle" && inParagraph:
		d.para.style = attr(e, "val")
	case name == "outlineLvl" && inParagraph:
		d.para.level = headingLevel(attr(e, "val"))
	case name == "numId" && d.inside("numPr"):
		d.para.list = attr(e, "val")
	case name == "ilvl" && d.inside("numPr"):
		d.para.depth, _ = strconv.Atoi(attr(e, "val"))
	case name == "shd" && dark(attr(e, "fill")):
		d.run.shaded = d.run.shaded || inRun
		d.para.shaded = d.para.shaded || inParagraph
		d.plain = d.plain || d.inside("tcPr")
	case name == "tblStyle":
		d.plain = true
	case name == "gridSpan" && d.inside("tcPr") && d.tables == 1:
		d.wide, _ = strconv.Atoi(attr(e, "val"))
	case !inRun:
	case name == "vanish" || name == "webHidden" || name == "specVanish":
		d.run.hidden = on(e)
	case name == "rStyle":
		d.run.hidden = d.run.hidden || d.style(attr(e, "val")).hidden
	case name == "color":
		d.run.white = white(attr(e, "val")) || attr(e, "themeColor") == "background1"
	case name == "sz":
		const tiny = 4 // half points
		size, err := strconv.Atoi(attr(e, "val"))
		d.run.hidden = d.run.hidden || err == nil && size <= tiny
	}
}

func white(colour string) bool { return strings.EqualFold(colour, "FFFFFF") }

func dark(fill string) bool { return fill != "" && !strings.EqualFold(fill, "auto") && !white(fill) }

// say adds text to the paragraph unless nobody can see it.
func (d *document) say(s string) {
	unseen := d.run.white && !d.run.shaded && !d.para.shaded && !(d.tables > 0 && d.plain)
	if d.run.hidden || unseen || d.style(d.para.style).hidden {
		if !blank(s) {
			d.hidden++
		}
		return
	}
	d.para.text.WriteString(s)
}

func (d *document) shut(name string) {
	if len(d.stack) > 0 {
		d.stack = d.stack[:len(d.stack)-1]
	}
	switch name {
	case "p":
		d.endParagraph()
	case "tc":
		if d.tables == 1 && len(d.table) > 0 {
			last := len(d.table) - 1
			d.table[last] = append(d.table[last], strings.TrimSpace(strings.Join(d.cell, "\n")))
			for range min(d.wide-1, mostCols) {
				d.table[last] = append(d.table[last], "")
			}
		}
	case "tr":
		if d.tables == 1 && d.gone && len(d.table) > 0 {
			d.table = d.table[:len(d.table)-1]
		}
	case "tbl":
		if d.tables--; d.tables == 0 && len(d.table) > 0 {
			d.blocks = append(d.blocks, block{where: "第" + number(d.number) + "段前", table: d.table})
		}
	}
}

func (d *document) endParagraph() {
	s := d.style(d.para.style)
	text := strings.TrimSpace(d.para.text.String())
	if text == "" {
		return
	}
	list, depth := d.para.list, d.para.depth
	if list == "" {
		list, depth = s.list, s.depth
	}
	text = d.label(list, depth) + text
	if d.tables > 0 {
		d.cell = append(d.cell, text)
		return
	}
	level := d.para.level
	if level == 0 {
		level = s.level
	}
	if level > 0 {
		text = flat(text)
	}
	d.blocks = append(d.blocks, block{where: "第" + number(d.number) + "段", level: level, text: text})
}

// notes says what was left out.
func (d *document) notes(p *Preview, parts *zip.Reader) {
	if d.hidden > 0 {
		p.note("%d处隐藏的文字（隐藏、白色或极小的字）没有导入。", d.hidden)
	}
	if d.deleted > 0 {
		p.note("%d处修订中删除的文字没有导入。", d.deleted)
	}
	if d.inserted > 0 {
		p.note("%d处修订中新增的文字已经导入，但修订还没有被接受，请核对。", d.inserted)
	}
	if d.pictures > 0 {
		p.note("%d处图片、文本框没有导入。", d.pictures)
	}
	if d.notesBelow > 0 {
		p.note("%d条脚注、尾注没有导入。", d.notesBelow)
	}
	if slices.ContainsFunc(parts.File, func(f *zip.File) bool { return f.Name == "word/comments.xml" }) {
		p.note("批注没有导入。")
	}
}

var bareHeading = regexp.MustCompile(`^[^。！？；：]{1,40}$`)

// guessHeadings takes short lines that begin with a clause for headings, in a
// document whose writer knows no headings.
func guessHeadings(blocks []block) bool {
	found := false
	for i, b := range blocks {
		if n, title := numbered(b.text); b.table == nil && n != "" && bareHeading.MatchString(title) {
			blocks[i].level, blocks[i].text = strings.Count(n, ".")+2, flat(b.text)
			found = true
		}
	}
	return found
}
