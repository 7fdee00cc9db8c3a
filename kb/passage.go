package kb

// The parts of an article a Passage may come from.
const (
	PartTitle    = "title"
	PartQuestion = "question"
	PartShort    = "short"
	PartDetails  = "details"
	PartKeyword  = "keyword"
)

// Passages returns what an Index searches an article by.
func (a Article) Passages() []Passage {
	parts := make([]Passage, 0, len(a.Questions)+len(a.Keywords)+3)
	add := func(part, text string) {
		if text != "" {
			parts = append(parts, Passage{ArticleID: a.ID, Part: part, Text: text})
		}
	}
	add(PartTitle, a.Title)
	for _, q := range a.Questions {
		add(PartQuestion, q)
	}
	add(PartShort, a.Short)
	add(PartDetails, a.Details)
	for _, k := range a.Keywords {
		add(PartKeyword, k)
	}
	return parts
}

// Answerable is the score from which a hit answers the query; below it the
// knowledge does not cover what was asked. An article that is Open never
// answers, whatever its score: its text says so and offers a person.
// TestMeasureWhatTheKnowledgeDoesNotAnswerIsRefused reports the trade-off.
const Answerable = 0.35
