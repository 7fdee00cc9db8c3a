// Package kb holds the knowledge the desk answers from: articles with their
// clause and source, the passages they are searched by, and the library that
// finds them. What is not in it is not answered.
package kb

import (
	"context"
	"errors"
	"time"
)

// Standard is the source most articles cite.
const Standard = "《营商环境供水服务规范》"

// Status is where an article stands on the editor's desk.
type Status string

// The statuses of an article.
const (
	Draft      Status = "draft"
	Reviewed   Status = "reviewed"
	Published  Status = "published"
	Superseded Status = "superseded" // published once, a newer version has taken its place
	Retired    Status = "retired"
)

// Statuses lists every status in the order of an article's life.
var Statuses = []Status{Draft, Reviewed, Published, Superseded, Retired}

// Article is one thing the utility tells people, in plain words.
type Article struct {
	ID        string   `yaml:"id"` // stable, kebab case
	Title     string   `yaml:"title"`
	Short     string   `yaml:"short"`   // the answer in one or two sentences
	Details   string   `yaml:"details"` // what else is worth knowing
	Next      string   `yaml:"next"`    // what the resident can do now
	Clause    string   `yaml:"clause"`  // deepest clause number, such as 11.2
	Also      []string `yaml:"also"`    // other clauses it rests on
	Source    string   `yaml:"source"`
	Questions []string `yaml:"questions"` // ways people ask
	Keywords  []string `yaml:"keywords"`
	// Verified is true once an editor has checked what it claims: prices,
	// phones, addresses and all the rest. What nobody has checked is not told.
	Verified bool `yaml:"verified"`
	// Open is true for an article that claims nothing: it says that we do not
	// know, and offers a person.
	Open      bool      `yaml:"open"`
	ValidFrom time.Time `yaml:"valid_from"` // zero: since ever
	ValidTo   time.Time `yaml:"valid_to"`   // exclusive; zero: until further notice
	Status    Status    `yaml:"status"`
	Version   int       `yaml:"-"`
	UpdatedAt time.Time `yaml:"-"`
}

// InForce reports whether the article may be cited at a time: published and
// inside its validity dates.
func (a Article) InForce(at time.Time) bool {
	return a.Status == Published && !at.Before(a.ValidFrom) && (a.ValidTo.IsZero() || at.Before(a.ValidTo))
}

// Passage is what an Index searches: one part of one article.
type Passage struct {
	ArticleID string
	Part      string // title, question, short, details, keyword
	Text      string
}

// Hit is one article an Index found, best first.
type Hit struct {
	ArticleID string
	Score     float64 // 0 to 1: how well the best passages cover the query
	Passage   string  // the text that matched best
	// What an index that fuses words and meanings found by each; both zero
	// where there are only words.
	Words, Meaning float64
}

// Index finds passages. It is rebuilt from the database at any time.
type Index interface {
	// Replace swaps the whole content at once.
	Replace(ctx context.Context, passages []Passage) error
	// Search returns up to n articles, best first.
	Search(ctx context.Context, query string, n int) ([]Hit, error)
}

// Store keeps articles and their versions.
type Store interface {
	// Articles returns the versions that residents may be told, now or when
	// they come into force: published and not replaced, of each article the
	// newest first.
	Articles(ctx context.Context) ([]Article, error)
	// KnowledgeRevision rises with every change of what Articles returns. It
	// is cheap to read.
	KnowledgeRevision(ctx context.Context) (int64, error)
	// PutArticle stores an article that comes with the program (Entry.Ship);
	// it reports whether anything was new.
	PutArticle(ctx context.Context, a Article) (bool, error)
	// Digest returns what SetDigest stored last, empty before the first.
	Digest(ctx context.Context) (string, error)
	// SetDigest remembers which shipped articles the store has seen.
	SetDigest(ctx context.Context, digest string) error
}

// Found is an article with how well it fits.
type Found struct {
	Article        Article
	Score          float64
	Passage        string
	Words, Meaning float64 // as in Hit
	// Beyond is the share of what the query says that the article says nowhere
	// (0 to 1), its rare words counted more: of two questions about the same
	// thing it tells the one that asks for something else.
	Beyond float64
}

// ErrArticle is returned for an article that cannot be stored.
var ErrArticle = errors.New("kb: bad article")
