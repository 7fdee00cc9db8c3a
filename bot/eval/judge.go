package eval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/tickets"
)

// Judge measures a bot.
type Judge struct {
	Answerer  bot.Answerer
	Knowledge bot.Knowledge // ranks the articles of a question beyond those cited
	Rules     *tickets.Rules
	Now       time.Time // of every message, and of the first of a dialogue
}

// Run scores a whole set.
func (j Judge) Run(ctx context.Context, set Set) (Scores, error) {
	report, failed, err := j.Messages(ctx, set.Messages)
	if err != nil {
		return Scores{}, err
	}
	outcomes, err := j.Dialogues(ctx, set.Dialogues)
	if err != nil {
		return Scores{}, err
	}
	played, err := j.Scripts(ctx, set.Scripts)
	if err != nil {
		return Scores{}, err
	}
	return scores(report, failed, append(outcomes, played...)), nil
}

// Messages answers every message as the first of a conversation of its own.
func (j Judge) Messages(ctx context.Context, list []Message) (Report, []Failure, error) {
	out := Report{ByStyle: map[string]*Rate{}, ByIntent: map[string]*Rate{}, Confused: map[string]int{}}
	var failed []Failure
	for _, m := range list {
		began := time.Now()
		r, err := j.Answerer.Answer(ctx, j.turn(m.Text))
		if err != nil {
			return out, nil, fmt.Errorf("answer %s: %w", m.ID, err)
		}
		out.Took = append(out.Took, time.Since(began))
		out.N++
		out.labels(m, r.Understanding)
		out.slots(m, r.Understanding)
		f := misunderstood(m, r.Understanding)
		if m.asks() {
			rank, err := j.rank(ctx, m, r)
			if err != nil {
				return out, nil, err
			}
			f.knows(m, r, rank)
			out.knowledge(m, r, rank)
		}
		if f.weight > 0 {
			failed = append(failed, f)
		}
	}
	return out, failed, nil
}

func (j Judge) turn(text string) bot.Turn {
	return bot.Turn{
		Now: j.Now, Conversation: channels.Conversation{ID: 1, State: channels.WithBot},
		Messages: []channels.Message{{ID: 1, Author: channels.FromCustomer, Kind: channels.Text, Text: text, CreatedAt: j.Now}},
	}
}

// asks reports whether a message is first of all a question.
func (m Message) asks() bool { return len(m.Intent) > 0 && m.Intent[0] == string(bot.Ask) }

// ranked is how many articles a question is looked up in.
const ranked = 10

// rank is the place of the first right clause, from 1: what the answer cites
// comes first, then what the search found. 0 when it is not among them.
func (j Judge) rank(ctx context.Context, m Message, r bot.Reply) (int, error) {
	if len(m.Clauses) == 0 {
		return 0, nil
	}
	found, err := j.Knowledge.Search(ctx, m.Text, ranked)
	if err != nil {
		return 0, fmt.Errorf("search for %s: %w", m.ID, err)
	}
	var clauses, seen []string
	for _, c := range r.Citations {
		clauses, seen = append(clauses, c.Clause), append(seen, c.ArticleID)
	}
	for _, f := range found {
		if !slices.Contains(seen, f.Article.ID) {
			clauses = append(clauses, f.Article.Clause)
		}
	}
	return 1 + slices.IndexFunc(clauses, func(c string) bool { return slices.Contains(m.Clauses, c) }), nil
}

// refuses reports whether a reply says that it does not know: nothing cited,
// nothing stated, a person offered.
func refuses(r bot.Reply) bool {
	return len(r.Citations) == 0 && !figured(r.Text) && strings.Contains(r.Text, "人工")
}

func (r *Report) knowledge(m Message, reply bot.Reply, rank int) {
	if len(m.Clauses) == 0 {
		r.Refusal.count(refuses(reply))
		return
	}
	r.OverRefusal.count(len(reply.Citations) == 0)
	r.ClauseFirst.count(rank == 1)
	r.ClauseTop.count(rank >= 1 && rank <= 3)
	if rank > 0 {
		r.Ranks += 1 / float64(rank)
	}
}

// Dialogues plays every dialogue on a fresh desk.
func (j Judge) Dialogues(ctx context.Context, list []Dialogue) ([]Outcome, error) {
	out := make([]Outcome, 0, len(list))
	for _, d := range list {
		faults, err := play(ctx, NewDesk(j.Answerer, j.Rules, j.Now), d)
		if err != nil {
			return nil, fmt.Errorf("play %s: %w", d.ID, err)
		}
		out = append(out, Outcome{d.ID, faults})
	}
	return out, nil
}
