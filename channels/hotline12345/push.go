package hotline12345

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/encoding/simplifiedchinese"
)

const (
	deepest   = 64  // levels of a JSON value
	mostNames = 300 // fields of a push
)

// ErrJSON is matched by every error of a body that is not one clean JSON object.
var ErrJSON = errors.New("hotline12345: bad JSON")

// JSONError says in words for people what is wrong with a body.
type JSONError struct{ Words string }

func (e *JSONError) Error() string { return ErrJSON.Error() }

// Unwrap makes it match ErrJSON.
func (e *JSONError) Unwrap() error { return ErrJSON }

// ReadPush reads the body of a push: one JSON object of the platform's names or
// ours, in UTF-8 or GB18030. raw is the body when its text had to be changed.
// Errors: *JSONError, and *RefusedError for the first fatal flaw.
func ReadPush(body []byte) (o Order, raw []byte, err error) {
	text, err := decodeBody(body)
	if err != nil {
		return o, nil, err
	}
	values, err := namedValues(text)
	if err != nil {
		return o, nil, err
	}
	o, flaws := Read(values)
	for _, f := range flaws {
		if f.Fatal {
			return o, nil, &RefusedError{f.Field, f.Words}
		}
	}
	if !bytes.Equal(text, body) || untidy(values) {
		raw = body
	}
	return o, raw, nil
}

// untidy reports whether a value is not kept as it came.
func untidy(values []Value) bool {
	for _, v := range values {
		if tidy(v.Text) != v.Text {
			return true
		}
	}
	return false
}

func decodeBody(body []byte) ([]byte, error) {
	text := bytes.TrimPrefix(body, []byte("\ufeff"))
	if utf8.Valid(text) {
		return text, nil
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, &JSONError{"内容的编码看不懂，应为 UTF-8 或 GB18030。"}
	}
	return text, nil
}

func namedValues(text []byte) ([]Value, error) {
	if err := shallow(text); err != nil {
		return nil, err
	}
	d := jsontext.NewDecoder(bytes.NewReader(text))
	if d.PeekKind() != '{' {
		return nil, &JSONError{"内容应为一个 JSON 对象。"}
	}
	object, err := d.ReadValue() // whole, so that a name twice is found wherever it is
	if err != nil {
		return nil, jsonError(err)
	}
	object = object.Clone()
	if _, err := d.ReadToken(); err == nil || !errors.Is(err, io.EOF) {
		return nil, &JSONError{"JSON 对象之后还有多余的内容。"}
	}
	return members(object)
}

func jsonError(err error) error {
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntactic):
		return &JSONError{fmt.Sprintf("JSON 中的字段“%s”重复。", cut(syntactic.JSONPointer.LastToken(), 40))}
	case errors.As(err, &syntactic):
		return &JSONError{fmt.Sprintf("JSON 格式有误，在第%d个字节处。", syntactic.ByteOffset+1)}
	}
	return &JSONError{"JSON 格式有误。"}
}

// members are the values of an object. Numbers keep the digits they came in.
func members(object jsontext.Value) ([]Value, error) {
	d := jsontext.NewDecoder(bytes.NewReader(object))
	if _, err := d.ReadToken(); err != nil {
		return nil, jsonError(err)
	}
	var out []Value
	seen := map[*field]string{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, jsonError(err)
		}
		v := Value{Name: name.String()}
		if len(out) == mostNames {
			return nil, &JSONError{fmt.Sprintf("字段太多，最多%d个。", mostNames)}
		}
		raw, err := d.ReadValue()
		if err != nil {
			return nil, jsonError(err)
		}
		if v.Text, err = plainValue(raw); err != nil {
			return nil, err
		}
		v.List = raw.Kind() == '['
		// Two names of one field that disagree: nobody can tell which is meant.
		if f := fieldOf(v.Name); f != nil && f.key == "content" && v.Text != "" {
			if before, twice := seen[f]; twice && before != v.Text {
				return nil, &JSONError{fmt.Sprintf("“%s”用两个字段名写了不同的内容。", f.label)}
			}
			seen[f] = v.Text
		}
		out = append(out, v)
	}
	return out, nil
}

// plainValue is a value as text: what a string says, a number as written, a
// list of files with one on a line.
func plainValue(raw jsontext.Value) (string, error) {
	switch raw.Kind() {
	case 'n':
		return "", nil
	case '"':
		var s string
		if err := jsonv2.Unmarshal(raw, &s, jsontext.AllowInvalidUTF8(true)); err != nil {
			return "", jsonError(err)
		}
		return s, nil
	case '[':
		var list []jsontext.Value
		if err := jsonv2.Unmarshal(raw, &list); err != nil {
			return "", jsonError(err)
		}
		var lines []string
		for _, one := range list {
			line, err := plainValue(one)
			if err != nil {
				return "", err
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n"), nil
	case '{':
		var file map[string]jsontext.Value
		if err := jsonv2.Unmarshal(raw, &file); err != nil {
			return "", jsonError(err)
		}
		if named := fileOf(file); named != "" {
			return named, nil
		}
	}
	return string(raw), nil
}

// fileOf is the name of a file and then its address, as far as an object has them.
func fileOf(file map[string]jsontext.Value) string {
	var parts []string
	for _, names := range [][]string{{"name", "fileName", "filename", "title"}, {"url", "href", "fileUrl", "link"}} {
		for _, name := range names {
			v, ok := file[name]
			if !ok || v.Kind() != '"' {
				continue
			}
			if text, err := plainValue(v); err == nil && strings.TrimSpace(text) != "" {
				parts = append(parts, strings.Join(strings.Fields(text), " "))
				break
			}
		}
	}
	return strings.Join(parts, " ")
}

// shallow refuses values that are deeper than anything an order has.
func shallow(text []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > deepest {
				return &JSONError{fmt.Sprintf("JSON 嵌套太深，最多%d层。", deepest)}
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
