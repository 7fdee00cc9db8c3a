package meili_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// search finds what holds a pair of the query's characters, or a word that
// begins like one of its words, through synonyms and without stop words. The
// share of the query found, weighed by attribute, is the ranking score.
func (f *fake) search(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Q                    string
		Limit                int
		Filter               string
		AttributesToRetrieve []string
		MatchingStrategy     string
		ShowRankingScore     bool
	}
	in.Limit = 20
	if !read(w, r, &in) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.searches++
	index := f.indexes[r.PathValue("uid")]
	if index == nil {
		refuse(w, 404, "index_not_found", "invalid_request")
		return
	}
	keep, ok := index.filter(in.Filter)
	if !ok {
		refuse(w, 400, "invalid_search_filter", "invalid_request")
		return
	}
	hits := []map[string]any{}
	for _, d := range index.documents {
		score := index.rank(in.Q, d)
		if score == 0 || !keep(d) {
			continue
		}
		hit := map[string]any{}
		for _, name := range in.AttributesToRetrieve {
			if slices.Contains(index.list("displayedAttributes"), name) {
				hit[name] = d[name]
			}
		}
		if in.ShowRankingScore {
			hit["_rankingScore"] = score
		}
		hits = append(hits, hit)
	}
	slices.SortFunc(hits, func(a, b map[string]any) int {
		score := func(h map[string]any) float64 { s, _ := h["_rankingScore"].(float64); return s }
		id := func(h map[string]any) string { raw, _ := h["id"].(json.RawMessage); return string(raw) }
		return cmp.Or(cmp.Compare(score(b), score(a)), cmp.Compare(id(a), id(b)))
	})
	answer(w, 200, map[string]any{
		"hits": hits[:min(len(hits), in.Limit)], "query": in.Q, "processingTimeMs": 1,
		"limit": in.Limit, "offset": 0, "estimatedTotalHits": len(hits),
	})
}

// filter knows what the index asks for: content != "…".
func (x *fakeIndex) filter(expression string) (keep func(map[string]json.RawMessage) bool, ok bool) {
	if expression == "" {
		return func(map[string]json.RawMessage) bool { return true }, true
	}
	name, value, ok := strings.Cut(expression, ` != "`)
	if !ok || !slices.Contains(x.list("filterableAttributes"), name) {
		return nil, false
	}
	value = strings.TrimSuffix(value, `"`)
	return func(d map[string]json.RawMessage) bool { return text(d[name]) != value }, true
}

func (x *fakeIndex) list(setting string) []string {
	var all []string
	json.Unmarshal(x.settings[setting], &all) // an unset one is empty
	return all
}

// rank is 1 for an empty query, as Meilisearch answers with everything then.
func (x *fakeIndex) rank(query string, d map[string]json.RawMessage) float64 {
	query = strings.ToLower(query)
	for _, stop := range x.list("stopWords") {
		query = strings.ReplaceAll(query, stop, " ")
	}
	if strings.TrimSpace(query) == "" {
		return 1
	}
	var synonyms map[string][]string
	json.Unmarshal(x.settings["synonyms"], &synonyms) // an unset one is empty
	for word, others := range synonyms {
		if strings.Contains(query, word) {
			query += " " + strings.Join(others, " ")
		}
	}
	asked, found := grams(query), 0.0
	if len(asked) == 0 {
		return 0
	}
	for gram := range asked {
		found += x.holds(gram, d)
	}
	return min(1, found/float64(len(asked)))
}

// holds is more the earlier an attribute comes among the searchable ones.
func (x *fakeIndex) holds(gram string, d map[string]json.RawMessage) float64 {
	parts := x.list("searchableAttributes")
	for i, part := range parts {
		var texts []string
		json.Unmarshal(d[part], &texts) // a part that is not there is empty
		for _, t := range texts {
			for other := range grams(strings.ToLower(t)) {
				if strings.HasPrefix(other, gram) {
					return 1 - float64(i)/float64(2*len(parts))
				}
			}
		}
	}
	return 0
}

// grams are pairs of Han characters, single ones that stand alone, and words.
func grams(text string) map[string]bool {
	all := make(map[string]bool)
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range words {
		runes := []rune(word)
		if len(runes) == 1 || !unicode.Is(unicode.Han, runes[0]) {
			all[word] = true
			continue
		}
		for i := range len(runes) - 1 {
			all[string(runes[i:i+2])] = true
		}
	}
	return all
}
