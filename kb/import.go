package kb

import (
	"context"
	"errors"
)

// Read is one article read from a file, or why a part of the file is none.
type Read struct {
	Where   string // where a person finds it in the file
	Article Article
	Problem string // in plain words for that person; empty for an article
	Hint    string // what to see to before it is published, in plain words
}

// Reader reads the articles of a file. A *FileError for one it cannot read.
type Reader func(name string, data []byte) ([]Read, error)

// FileError says in plain words why nothing can be read from a file.
type FileError struct{ Words string }

func (e *FileError) Error() string { return "kb: unreadable file of articles: " + e.Words }

// Import makes drafts of articles: a new one, or the next draft of the one
// that has the id. Residents are told nothing of it. It reports how many were
// new and how many were changed, also when it was stopped by an error.
func (d *Desk) Import(ctx context.Context, by Editor, list []Article) (made, changed int, err error) {
	for _, a := range list {
		said := a.Verified
		a.Verified = false // an editor has to look, whatever the file says
		if a.ID != "" {
			before, err := d.Entry(ctx, a.ID)
			if err == nil && before.Head.Status != Retired && sameBut(before.Head.Article, a, said) {
				continue
			}
			if err == nil {
				after, err := d.Save(ctx, by, a.ID, before.Revision, a, Imported)
				if err != nil {
					return made, changed, err
				}
				if after.Revision != before.Revision {
					changed++
				}
				continue
			}
			if !errors.Is(err, ErrNotFound) {
				return made, changed, err
			}
		}
		if _, err := d.Begin(ctx, by, a, Imported); err != nil {
			return made, changed, err
		}
		made++
	}
	return made, changed, nil
}

// sameBut reports whether a row says what is there already.
func sameBut(there, row Article, verified bool) bool {
	row.Verified = verified
	there.Verified = verified
	return there.SameWords(row)
}
