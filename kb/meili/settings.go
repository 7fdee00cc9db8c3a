package meili

import (
	"maps"
	"slices"

	"github.com/meilisearch/meilisearch-go"

	"quandesk/kb"
)

// settings is how the server searches.
func settings(words kb.Words) *meilisearch.Settings {
	parts := []string{"title", "question", "short", "keyword", "details"}
	return &meilisearch.Settings{
		// From the part whose match says most to the one whose says least, the
		// order of trust the embedded index measured.
		SearchableAttributes: parts,
		FilterableAttributes: []string{"content"},
		DisplayedAttributes:  []string{"id", "content"}, // texts are ours already
		// The part counts before the distance of words: residents' words are
		// in the right order in no part anyway.
		RankingRules:   []string{"words", "typo", "attribute", "proximity", "exactness"},
		Synonyms:       synonyms(words.Synonyms),
		StopWords:      slices.Compact(slices.Sorted(slices.Values(words.Noise))),
		SearchCutoffMs: searchWithin.Milliseconds() * 2 / 3, // a partial answer beats one too late
		// Without it a short text of Han characters may be read as Japanese.
		LocalizedAttributes: []*meilisearch.LocalizedAttributes{{Locales: []string{"zh"}, AttributePatterns: parts}},
	}
}

// withoutLocales is for a server that does not know zh or cannot be told.
func withoutLocales(s *meilisearch.Settings) *meilisearch.Settings {
	plain := *s
	plain.LocalizedAttributes = nil
	return &plain
}

// synonyms tells each word all others of its groups: Meilisearch's synonyms
// point one way.
func synonyms(groups [][]string) map[string][]string {
	others := make(map[string]map[string]bool)
	for _, group := range groups {
		for _, word := range group {
			if others[word] == nil {
				others[word] = make(map[string]bool)
			}
			for _, other := range group {
				if other != word {
					others[word][other] = true
				}
			}
		}
	}
	all := make(map[string][]string, len(others))
	for word, set := range others {
		all[word] = slices.Sorted(maps.Keys(set))
	}
	return all
}
