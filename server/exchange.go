package main

import (
	"bytes"
	"errors"
	"strings"

	"quandesk/kb"
	"quandesk/kb/exchange"
)

// readArticles reads an uploaded file for the editor's desk.
func readArticles(name string, data []byte) (kb.File, error) {
	p, err := exchange.Read(name, bytes.NewReader(data), int64(len(data)))
	var bad *exchange.FileError
	if errors.As(err, &bad) {
		return kb.File{}, &kb.FileError{Words: bad.Words}
	}
	if err != nil {
		return kb.File{}, err
	}
	out := kb.File{Rows: make([]kb.Read, len(p.Rows)), Notes: p.Notes}
	for i, r := range p.Rows {
		out.Rows[i] = kb.Read{Where: r.Where, Article: r.Article, Problem: strings.Join(r.Problems, ""), Hint: strings.Join(r.Hints, "")}
	}
	return out, nil
}
