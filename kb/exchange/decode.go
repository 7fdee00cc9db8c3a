package exchange

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	utf16 "golang.org/x/text/encoding/unicode"
)

// decode returns text in whichever way Chinese offices write it: UTF-8,
// UTF-16 or GB18030, with or without a mark at its beginning.
func decode(raw []byte) (string, error) {
	text, ok := bytes.CutPrefix(raw, []byte("\ufeff"))
	if order, wide := wideOrder(raw); wide {
		return readable(utf16.UTF16(order, utf16.UseBOM), raw)
	}
	if ok || utf8.Valid(text) {
		return readable(encoding.Nop, text)
	}
	return readable(simplifiedchinese.GB18030, raw)
}

// wideOrder reports whether a text is UTF-16: by its mark, or because one
// half of its letters' bytes is mostly zero.
func wideOrder(raw []byte) (utf16.Endianness, bool) {
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		return utf16.LittleEndian, true
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		return utf16.BigEndian, true
	}
	head := raw[:min(len(raw), 4096)]
	var even, odd int
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	// A table has commas, line ends and digits: their high bytes are zero.
	switch least := len(head) / 20; {
	case odd > 2*even && odd > least:
		return utf16.LittleEndian, true
	case even > 2*odd && even > least:
		return utf16.BigEndian, true
	}
	return utf16.LittleEndian, false
}

func readable(e encoding.Encoding, raw []byte) (string, error) {
	out, err := e.NewDecoder().Bytes(raw)
	text := strings.TrimPrefix(string(out), "\ufeff")
	if err != nil || !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable) {
		return "", broken("文件的编码看不懂，请另存为 UTF-8 编码的文本再导入。")
	}
	return text, nil
}

func unprintable(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune("\t\r\n\f\v\u0085", r)
}
