package exchange

import (
	"encoding/csv"
	"fmt"
	"io"

	"quandesk/kb"
)

// Write writes articles so that Read gives the same back: words, dates,
// whether they are verified and where they stand. Versions are not written.
func Write(w io.Writer, f Format, articles []kb.Article) error {
	var err error
	switch f {
	case YAML:
		err = writeYAML(w, articles)
	case CSV:
		err = writeCSV(w, articles)
	case XLSX:
		err = writeXLSX(w, articles)
	case Markdown:
		err = writeMarkdown(w, articles)
	default:
		return fmt.Errorf("%q is not a format that can be written; there are yaml, csv, xlsx and md", f)
	}
	if err != nil {
		return fmt.Errorf("write articles as %s: %w", f, err)
	}
	return nil
}

// writeCSV begins with a mark: without it spreadsheets take Chinese for
// something else.
func writeCSV(w io.Writer, articles []kb.Article) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(labels()); err != nil {
		return err
	}
	for _, a := range articles {
		cells := cellsOf(a)
		for i := range cells {
			cells[i] = guard(cells[i])
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
