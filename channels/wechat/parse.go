package wechat

import (
	"bytes"
	"errors"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// ErrMalformed is returned for a body that is no push, whatever else it is.
var ErrMalformed = errors.New("wechat: malformed push")

const (
	maxDepth = 8    // send_pics_info needs five
	maxNodes = 4096 // a subscribe push with a hundred lists has six hundred
	maxName  = 64
)

// node is one element: a text or elements inside, in the order they came.
type node struct {
	name string
	text string
	kids []*node
}

// typedBy holds the elements whose text a person wrote. Their end is the last
// closing tag of that name: what looks like markup in between was typed.
var typedBy = map[string]bool{
	"Content": true, "Label": true, "Title": true, "Description": true, "Url": true,
	"Recognition": true,
}

// parse reads a push. The decoder of the standard library refuses a control
// character, a "]]>" or broken UTF-8 in what somebody typed, and the message
// would be lost; this one keeps the text as it is. What it does not do is
// follow anything: no entities of its own, no DTD, no attributes.
func parse(body []byte) (*node, error) {
	body = inUTF8(body)
	if refused(body) {
		return nil, ErrMalformed
	}
	s := &scanner{rest: string(body), ended: map[string]bool{}}
	s.prolog()
	name, closed, ok := s.open()
	if !ok {
		return nil, ErrMalformed
	}
	root := &node{name: name}
	if closed {
		return root, nil
	}
	if err := s.inside(root, 1); err != nil {
		return nil, err
	}
	return root, nil
}

var declared = regexp.MustCompile(`^\s*<\?xml[^>]{0,100}encoding\s*=\s*["'](?i:gb2312|gbk|gb18030)["']`)

// inUTF8 decodes a body that is in a Chinese encoding: declared so, or with
// hardly any character that is one in UTF-8. Damage in UTF-8 stays as it is.
func inUTF8(body []byte) []byte {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if utf8.Valid(body) {
		return body
	}
	if !declared.Match(body) && !foreign(body) {
		return body
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body)
	if err != nil {
		return body
	}
	return decoded
}

func foreign(body []byte) bool {
	good, bad := 0, 0
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		body = body[n:]
	}
	return bad > good
}

// refused reports whether the body declares a document type or entities
// before its root: nothing of WeChat's does, and text of residents comes later.
func refused(body []byte) bool {
	head := body
	if i := bytes.Index(body, []byte("<![CDATA[")); i >= 0 {
		head = body[:i]
	}
	return bytes.Contains(bytes.ToUpper(head[:min(len(head), 4096)]), []byte("<!DOCTYPE")) ||
		bytes.Contains(bytes.ToUpper(head[:min(len(head), 4096)]), []byte("<!ENTITY"))
}

// scanner walks through a body once, from the front to the back.
type scanner struct {
	rest  string
	nodes int
	ended map[string]bool // names of which no end tag follows any more
}

func (s *scanner) blanks() { s.rest = strings.TrimLeft(s.rest, " \t\r\n") }

// prolog passes over what may stand before the root.
func (s *scanner) prolog() {
	for {
		s.blanks()
		if !s.passes("<?", "?>") && !s.passes("<!--", "-->") {
			return
		}
	}
}

// passes jumps over something that begins and ends like this.
func (s *scanner) passes(from, to string) bool {
	if !strings.HasPrefix(s.rest, from) {
		return false
	}
	_, after, ok := strings.Cut(s.rest[len(from):], to)
	if ok {
		s.rest = after
	}
	return ok
}

// open reads a start tag; its attributes are passed over.
func (s *scanner) open() (name string, closed, ok bool) {
	if len(s.rest) < 3 || s.rest[0] != '<' {
		return "", false, false
	}
	tag, after, ok := strings.Cut(s.rest[1:], ">")
	if !ok {
		return "", false, false
	}
	tag, closed = strings.CutSuffix(tag, "/")
	if i := strings.IndexAny(tag, " \t\r\n"); i >= 0 {
		tag = tag[:i]
	}
	if !validName(tag) {
		return "", false, false
	}
	s.rest = after
	s.nodes++
	return tag, closed, s.nodes <= maxNodes
}

func validName(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	for i := range len(name) {
		b := name[i]
		if b != '_' && b != '-' && b != '.' && b != ':' && (b < '0' || b > '9') && (b|0x20 < 'a' || b|0x20 > 'z') {
			return false
		}
	}
	return true
}

// inside reads what is between the tags of n and its end tag.
func (s *scanner) inside(n *node, depth int) error {
	if depth > maxDepth {
		return ErrMalformed
	}
	if text, ok := s.typed(n.name); ok {
		n.text = text
		return nil
	}
	var text strings.Builder
	for {
		i := strings.IndexByte(s.rest, '<')
		if i < 0 {
			return ErrMalformed // cut off
		}
		text.WriteString(html.UnescapeString(s.rest[:i]))
		s.rest = s.rest[i:]
		switch {
		case strings.HasPrefix(s.rest, "</"):
			if !s.close(n.name) {
				return ErrMalformed
			}
			if n.text = text.String(); len(n.kids) > 0 || strings.TrimSpace(n.text) == "" {
				n.text = strings.TrimSpace(n.text)
			}
			return nil
		case strings.HasPrefix(s.rest, "<![CDATA["):
			inner, ok := s.cdata(n.name)
			if !ok {
				return ErrMalformed
			}
			text.WriteString(inner)
		case s.passes("<!--", "-->"), s.passes("<?", "?>"):
		default:
			if err := s.child(n, depth); err != nil {
				return err
			}
		}
	}
}

func (s *scanner) child(n *node, depth int) error {
	name, closed, ok := s.open()
	if !ok {
		return ErrMalformed
	}
	kid := &node{name: name}
	n.kids = append(n.kids, kid)
	if closed {
		return nil
	}
	return s.inside(kid, depth+1)
}

// close reads an end tag. Another name than the one that is open ends the push.
func (s *scanner) close(name string) bool {
	tag, after, ok := strings.Cut(s.rest[2:], ">")
	if !ok || strings.TrimRight(tag, " \t\r\n") != name {
		return false
	}
	s.rest = after
	return true
}

// typed reads an element that a person wrote, whole: up to its last end tag.
func (s *scanner) typed(name string) (string, bool) {
	if !typedBy[name] || s.ended[name] {
		return "", false
	}
	start := strings.TrimLeft(s.rest, " \t\r\n")
	inner, ok := strings.CutPrefix(start, "<![CDATA[")
	if !ok {
		return "", false
	}
	end := strings.LastIndex(inner, "]]></"+name+">")
	if end < 0 {
		s.ended[name] = true
		return "", false
	}
	s.rest = inner[end+len("]]></"+name+">"):]
	return join(inner[:end]), true
}

// cdata reads a section: up to the "]]>" that the end tag of the element, or
// another section or element, follows.
func (s *scanner) cdata(name string) (string, bool) {
	inner := s.rest[len("<![CDATA["):]
	for from := 0; ; {
		i := strings.Index(inner[from:], "]]>")
		if i < 0 {
			return "", false
		}
		end := from + i
		after := strings.TrimLeft(inner[end+3:], " \t\r\n")
		if strings.HasPrefix(after, "</"+name) || strings.HasPrefix(after, "<![CDATA[") {
			s.rest = inner[end+3:]
			return inner[:end], true
		}
		from = end + 3
	}
}

// join puts a text together that was written as several sections because it
// has a "]]>" in it.
func join(s string) string { return strings.ReplaceAll(s, "]]]]><![CDATA[>", "]]>") }

// child finds the first element of this name: what comes twice was added by
// somebody who hoped for the last one.
func (n *node) child(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

func (n *node) get(name string) string {
	if k := n.child(name); k != nil {
		return k.text
	}
	return ""
}

// field is get without blanks around it: for everything nobody typed.
func (n *node) field(name string) string { return strings.TrimSpace(n.get(name)) }
