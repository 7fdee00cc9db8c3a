package exchange

import (
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"
)

// style is what a named style of a document means.
type style struct {
	name, basedOn string
	level         int // of a heading, 0 for text
	list          string
	depth         int
	hidden        bool
}

// headingLevel is the level of an outline level, which counts from 0; 9 is text.
func headingLevel(val string) int {
	n, err := strconv.Atoi(val)
	if err != nil || n < 0 || n > 8 {
		return 0
	}
	return n + 1
}

var headingName = regexp.MustCompile(`^(?:heading|标题) *([1-9])$`)

func (d *document) readStyles(x *xml.Decoder) error {
	id, s := "", style{}
	return walk(x, func(e xml.StartElement) bool {
		switch val := attr(e, "val"); e.Name.Local {
		case "style":
			id, s = attr(e, "styleId"), style{}
		case "name":
			s.name = strings.ToLower(val)
			if m := headingName.FindStringSubmatch(s.name); m != nil {
				s.level, _ = strconv.Atoi(m[1])
			}
			if s.name == "title" || s.name == "标题" {
				s.level = 1
			}
		case "basedOn":
			s.basedOn = val
		case "outlineLvl":
			s.level = headingLevel(val)
		case "numId":
			s.list = val
		case "ilvl":
			s.depth, _ = strconv.Atoi(val)
		case "vanish", "specVanish", "webHidden":
			s.hidden = on(e)
		case "docDefaults", "latentStyles", "tblStylePr":
			return true
		}
		return false
	}, func(name string) {
		if name == "style" && id != "" {
			d.styles[id] = s
		}
	}, func(string) {})
}

// ancestors is how many styles may be based on each other: a circle ends there.
const ancestors = 12

// style returns a style with what it takes over from those it is based on.
func (d *document) style(id string) style {
	s := d.styles[id]
	up := s.basedOn
	for range ancestors {
		above, ok := d.styles[up]
		if !ok {
			break
		}
		if s.level == 0 {
			s.level = above.level
		}
		if s.list == "" {
			s.list, s.depth = above.list, max(s.depth, above.depth)
		}
		s.hidden = s.hidden || above.hidden
		up = above.basedOn
	}
	return s
}

// listing is a list of a document with how far it has counted.
type listing struct {
	levels [9]listLevel
	count  [9]int
}

type listLevel struct {
	start       int
	kind, label string // decimal; 「%1.%2」
}

func (d *document) readNumbering(x *xml.Decoder) error {
	abstract := map[string]*listing{}
	var l *listing
	num, level := "", 0
	return walk(x, func(e xml.StartElement) bool {
		val := attr(e, "val")
		switch e.Name.Local {
		case "abstractNum":
			l = &listing{}
			for i := range l.levels {
				l.levels[i].start = 1
			}
			abstract[attr(e, "abstractNumId")] = l
		case "lvl":
			level, _ = strconv.Atoi(attr(e, "ilvl"))
			level = min(max(level, 0), 8)
		case "start":
			if l != nil {
				l.levels[level].start, _ = strconv.Atoi(val)
			}
		case "numFmt":
			if l != nil {
				l.levels[level].kind = val
			}
		case "lvlText":
			if l != nil {
				l.levels[level].label = val
			}
		case "num":
			num, l = attr(e, "numId"), nil
		case "abstractNumId":
			if num != "" && abstract[val] != nil {
				d.lists[num] = abstract[val]
			}
		case "lvlOverride":
			return true
		}
		return false
	}, func(string) {}, func(string) {})
}

// label counts one further in a list and returns what stands before the text.
func (d *document) label(list string, depth int) string {
	l := d.lists[list]
	if l == nil || depth < 0 || depth > 8 {
		return ""
	}
	if l.count[depth] == 0 {
		l.count[depth] = l.levels[depth].start
	} else {
		l.count[depth]++
	}
	for i := depth + 1; i < len(l.count); i++ {
		l.count[i] = 0
	}
	at := l.levels[depth]
	switch {
	case at.kind == "none" || at.label == "":
		return ""
	case at.kind == "bullet":
		return "· "
	}
	text := at.label
	for i := range depth + 1 {
		n := l.count[i]
		if n == 0 {
			n = l.levels[i].start
		}
		text = strings.ReplaceAll(text, "%"+number(i+1), count(n, l.levels[i].kind))
	}
	return strings.TrimSpace(text) + " "
}

// count writes a number as a list does; what is not known is in figures.
func count(n int, kind string) string {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	chinese := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}
	switch {
	case kind == "lowerLetter" && n >= 1 && n <= len(letters):
		return letters[n-1 : n]
	case kind == "upperLetter" && n >= 1 && n <= len(letters):
		return strings.ToUpper(letters[n-1 : n])
	case (strings.HasPrefix(kind, "chinese") || strings.HasPrefix(kind, "japaneseCounting")) && n >= 1 && n <= 10:
		return chinese[n]
	}
	return number(n)
}
