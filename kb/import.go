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

// holds reports whether an article on the desk has these words already. A file
// that does not call them verified takes nothing away.
func (e Entry) holds(a Article) bool {
	there := e.Head.Article
	there.Verified = there.Verified && a.Verified
	return e.Head.Status != Retired && there.SameWords(a)
}

// Import makes drafts of articles: a new one, or the next draft of the one
// that has the id, verified when the file says so. Residents are told nothing of
// it before somebody has published it. It reports how many were
// new and how many were changed, also when it was stopped by an error.
func (d *Desk) Import(ctx context.Context, by Editor, list []Article) (made, changed int, err error) {
	for _, a := range list {
		if a.ID != "" {
			before, err := d.Entry(ctx, a.ID)
			if err == nil && before.holds(a) {
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
