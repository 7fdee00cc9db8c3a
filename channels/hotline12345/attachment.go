package hotline12345

import (
	"slices"
	"strings"
)

// Attachment is a file that the platform names. It is not fetched: the address
// is the platform's word, and whoever opens it does so from their own desk.
type Attachment struct {
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
}

const mostAttachments = 50

// joined are the files that were named before and those that came since: what
// the platform leaves out the next time was there all the same.
func joined(before, since []Attachment) []Attachment {
	out := slices.Clone(before)
	for _, a := range since {
		known := slices.ContainsFunc(out, func(b Attachment) bool { return b == a || a.URL != "" && b.URL == a.URL })
		if !known && len(out) < mostAttachments {
			out = append(out, a)
		}
	}
	return out
}

func setAttachments(r *reading, v Value) {
	lines := strings.Split(v.Text, "\n")
	if !v.List {
		lines = strings.FieldsFunc(v.Text, func(c rune) bool { return strings.ContainsRune("\n,，;；", c) })
	}
	for _, line := range lines {
		a, ok := attachment(line)
		switch {
		case !ok:
		case len(r.order.Attachments) == mostAttachments:
			r.flag("附件超过%d个，只保留前%d个的名称。", mostAttachments, mostAttachments)
			return
		default:
			r.order.Attachments = append(r.order.Attachments, a)
		}
	}
}

// attachment reads the name of a file, its address, or the name and then the address.
func attachment(line string) (Attachment, bool) {
	line = strings.TrimSpace(line)
	at := len(line)
	for _, scheme := range []string{"http://", "https://"} {
		if i := strings.Index(line, scheme); i >= 0 {
			at = min(at, i)
		}
	}
	name := strings.TrimRight(strings.TrimSpace(line[:at]), " :：|")
	a := Attachment{Name: cut(name, 200), URL: line[at:]}
	if len(a.URL) > 1000 {
		a.URL = "" // half an address leads somewhere else
		if a.Name == "" {
			a.Name = "（地址太长，未保留）"
		}
	}
	return a, a != Attachment{}
}
