package exchange

import (
	"context"
	"errors"
	"fmt"

	"quandesk/kb"
)

// Change is what importing a row would do.
type Change string

// The changes.
const (
	Fresh   Change = "new"       // an article nobody has had
	Changed Change = "changed"   // the next draft of one that is there
	Same    Change = "unchanged" // its words are there already
)

// Desk is the editor's desk as an import needs it; kb.Desk is one.
type Desk interface {
	Entry(ctx context.Context, id string) (kb.Entry, error)
	Begin(ctx context.Context, by kb.Editor, a kb.Article, o kb.Origin) (kb.Entry, error)
	Save(ctx context.Context, by kb.Editor, id string, revision int64, a kb.Article, o kb.Origin) (kb.Entry, error)
}

// Compare says of each good row what importing it would do now.
func (p *Preview) Compare(ctx context.Context, desk Desk) error {
	for i := range p.Rows {
		if len(p.Rows[i].Problems) > 0 {
			continue
		}
		change, e, err := compare(ctx, desk, p.Rows[i].Article)
		if err != nil {
			return err
		}
		p.Rows[i].Change = change
		if change == Changed && e.Head.Title != p.Rows[i].Article.Title {
			p.Rows[i].hint("这个编号的条目原来的标题是“%s”，请核对是不是同一条。", e.Head.Title)
		}
	}
	return nil
}

// compare looks an article up. A file that does not call it verified takes that
// from nothing it leaves as it is.
func compare(ctx context.Context, desk Desk, a kb.Article) (Change, kb.Entry, error) {
	e, err := desk.Entry(ctx, a.ID)
	if errors.Is(err, kb.ErrNotFound) {
		return Fresh, e, nil
	}
	if err != nil {
		return "", e, fmt.Errorf("read article %s: %w", a.ID, err)
	}
	there := e.Head.Article
	there.Verified = there.Verified && a.Verified
	if there.SameWords(a) && e.Head.Status != kb.Retired {
		return Same, e, nil
	}
	return Changed, e, nil
}

// Imported counts what an import did.
type Imported struct{ Fresh, Changed, Same, Bad int }

// Import makes a draft of each good row, verified when the file says so: somebody
// still has to review and publish it. Residents are told nothing of it until it is published. Each row
// is stored by itself: one that fails ends the import, those before it stay,
// and the same file can be imported again.
func Import(ctx context.Context, desk Desk, by kb.Editor, p Preview) (Imported, error) {
	var done Imported
	for _, r := range p.Rows {
		if len(r.Problems) > 0 {
			done.Bad++
			continue
		}
		if err := done.take(ctx, desk, by, r.Article); err != nil {
			return done, fmt.Errorf("import %s: %w", r.Article.ID, err)
		}
	}
	return done, nil
}

func (n *Imported) take(ctx context.Context, desk Desk, by kb.Editor, a kb.Article) error {
	change, e, err := compare(ctx, desk, a)
	if err != nil {
		return err
	}
	a.Status = kb.Draft
	switch change {
	case Same:
		n.Same++
		return nil
	case Fresh:
		n.Fresh++
		_, err = desk.Begin(ctx, by, a, kb.Imported)
		return err
	}
	n.Changed++
	_, err = desk.Save(ctx, by, a.ID, e.Revision, a, kb.Imported)
	return err
}
