package kb

import (
	_ "embed"
	"fmt"

	"github.com/goccy/go-yaml"
)

//go:embed synonyms.yaml
var synonyms []byte

// Words is what an Index knows of people's language.
type Words struct {
	// Synonyms are groups of words that mean the same here; the first of a
	// group is the word the articles use.
	Synonyms [][]string `yaml:"synonyms"`
	// Noise is what people say around a question: greetings, please, thanks.
	Noise []string `yaml:"noise"`
}

// ShippedWords returns the words every Index starts with.
func ShippedWords() (Words, error) {
	var w Words
	if err := yaml.UnmarshalWithOptions(synonyms, &w, yaml.Strict()); err != nil {
		return Words{}, fmt.Errorf("parse synonyms: %w", err)
	}
	return w, nil
}
