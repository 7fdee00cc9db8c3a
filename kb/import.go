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

// File is what a file of articles holds.
type File struct {
	Rows  []Read
	Notes []string // what was left out of it, and why, in plain words
}

// Reader reads the articles of a file. A *FileError for one it cannot read.
type Reader func(name string, data []byte) (File, error)

// FileError says in plain words why nothing can be read from a file.
type FileError struct{ Words string }

func (e *FileError) Error() string { return "kb: unreadable file of articles: " + e.Words }

// Foresee says what importing an article would do: make a new one, or change
// one that is there; neither when its words are there already.
func (d *Desk) Foresee(ctx context.Context, a Article) (makes, changes bool, err error) {
	before, err := d.Entry(ctx, a.ID)
	if errors.Is(err, ErrNotFound) {
		return true, false, nil
	}
	return false, err == nil && !before.holds(a), err
}

// holds reports whether an article on the desk has these words already. What a
// file says is verified an editor has to look at in any case.
func (e Entry) holds(a Article) bool {
	return e.Head.Status != Retired && sameBut(e.Head.Article, a, a.Verified)
}

// Import makes drafts of articles: a new one, or the next draft of the one
// that has the id. Residents are told nothing of it. It reports how many were
// new and how many were changed, also when it was stopped by an error.
func (d *Desk) Import(ctx context.Context, by Editor, list []Article) (made, changed int, err error) {
	for _, a := range list {
		said := a
		a.Verified = false // an editor has to look, whatever the file says
		if a.ID != "" {
			before, err := d.Entry(ctx, a.ID)
			if err == nil && before.holds(said) {
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
