package meili

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"quandesk/kb"
)

// content is one content of the index, as the server gets it. It never
// changes, and its pointer stands for it.
type content struct {
	digest    string // of everything below and the settings
	documents []document
	articles  map[string]article // by document
}

// article is what a hit on a document the fallback does not see becomes.
type article struct{ id, title string }

// document is one article on the server. Its id is a digest of the article's,
// since Meilisearch takes few characters, and every document names its
// content, so that an answer shows which content it is from.
type document struct {
	ID       string   `json:"id"`
	Content  string   `json:"content"`
	Title    []string `json:"title,omitempty"`
	Question []string `json:"question,omitempty"`
	Short    []string `json:"short,omitempty"`
	Keyword  []string `json:"keyword,omitempty"`
	Details  []string `json:"details,omitempty"`
}

func (d *document) add(p kb.Passage) {
	part := &d.Details
	switch p.Part {
	case kb.PartTitle:
		part = &d.Title
	case kb.PartQuestion:
		part = &d.Question
	case kb.PartShort:
		part = &d.Short
	case kb.PartKeyword:
		part = &d.Keyword
	}
	*part = append(*part, p.Text)
}

// read turns passages into documents, one for each article.
func (x *Index) read(passages []kb.Passage) *content {
	c := &content{articles: make(map[string]article)}
	place := make(map[string]int)
	for _, p := range passages {
		if p.ArticleID == "" || p.Text == "" {
			continue
		}
		id := short(p.ArticleID)
		at, seen := place[id]
		if !seen {
			at = len(c.documents)
			place[id] = at
			c.documents = append(c.documents, document{ID: id})
		}
		if !seen || p.Part == kb.PartTitle {
			c.articles[id] = article{p.ArticleID, p.Text}
		}
		c.documents[at].add(p)
	}
	slices.SortFunc(c.documents, func(a, b document) int { return cmp.Compare(a.ID, b.ID) })
	// Two processes with the same articles and the same program share what
	// one of them has built; a release with other words builds anew.
	text, err := json.Marshal([]any{x.settings, c.documents})
	if err != nil {
		panic("meili: strings that are not JSON: " + err.Error())
	}
	c.digest = short(string(text))
	for i := range c.documents {
		c.documents[i].Content = c.digest
	}
	return c
}

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
