package kb

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed articles/*.yaml
var shipped embed.FS

// leastQuestions is how many wordings an article must come with, so that
// people find it in their own words.
const leastQuestions = 5

// Seed returns the articles shipped with the program, in the order of the
// standard's chapters. A bad one is an ErrArticle.
func Seed() ([]Article, error) {
	var all []Article
	err := eachShipped(func(name string, text []byte) error {
		var chapter []Article
		if err := yaml.UnmarshalWithOptions(text, &chapter, yaml.Strict()); err != nil {
			return fmt.Errorf("%w: parse %s: %w", ErrArticle, name, err)
		}
		for _, a := range chapter {
			a.Open = !a.Verified // what we ship unchecked says that we do not know
			all = append(all, a)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, checkAll(all)
}

// SeedDigest identifies the shipped articles and golden questions. It is cheap:
// nothing is parsed, so a process whose store has seen the digest need not
// call Seed at all.
func SeedDigest() string {
	sum := sha256.New()
	err := eachShipped(func(name string, text []byte) error {
		fmt.Fprintf(sum, "%s %d\n", name, len(text))
		_, err := sum.Write(text)
		return err
	})
	if err != nil {
		return "" // equals no stored digest, so Seed runs and tells why
	}
	sum.Write(golden)
	return hex.EncodeToString(sum.Sum(nil))
}

func eachShipped(read func(name string, text []byte) error) error {
	names, err := fs.Glob(shipped, "articles/*.yaml")
	if err != nil {
		return fmt.Errorf("list articles: %w", err)
	}
	for _, name := range names {
		text, err := shipped.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if err := read(name, text); err != nil {
			return err
		}
	}
	return nil
}

func checkAll(all []Article) error {
	seen := make(map[string]bool, len(all))
	for _, a := range all {
		if seen[a.ID] {
			return fmt.Errorf("%w: %s: the id is taken twice", ErrArticle, a.ID)
		}
		seen[a.ID] = true
		if err := a.check(); err != nil {
			return err
		}
	}
	return nil
}

// check reports what keeps an article from being shipped.
func (a Article) check() error {
	for _, field := range []struct{ name, value string }{
		{"id", a.ID}, {"title", a.Title}, {"short", a.Short}, {"next", a.Next},
		{"source", a.Source}, {"status", string(a.Status)},
	} {
		if field.value == "" {
			return fmt.Errorf("%w: %q: no %s", ErrArticle, a.ID, field.name)
		}
	}
	if len(a.Questions) < leastQuestions {
		return fmt.Errorf("%w: %s: %d questions, want %d", ErrArticle, a.ID, len(a.Questions), leastQuestions)
	}
	for _, number := range append([]string{a.Clause}, a.Also...) {
		if !clauseNumber(number) {
			return fmt.Errorf("%w: %s: clause %q", ErrArticle, a.ID, number)
		}
	}
	if !a.Tellable() {
		return fmt.Errorf("%w: %s: neither verified nor open", ErrArticle, a.ID)
	}
	return nil
}

// clauseNumber reports whether s can be a clause of the standard: 11.2 or
// 9.1.2.1. It has 14 chapters and headings of up to four levels.
func clauseNumber(s string) bool {
	const chapters, levels = 14, 4
	parts := strings.Split(s, ".")
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 || i == 0 && n > chapters {
			return false
		}
	}
	return len(parts) <= levels
}
