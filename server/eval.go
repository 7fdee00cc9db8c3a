package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"time"

	"quandesk/bot"
	"quandesk/bot/claims"
	"quandesk/bot/eval"
	"quandesk/bot/llm"
	"quandesk/bot/rules"
	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/server/config"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

// usageError is a command that was written wrongly; it exits with 2.
type usageError struct{ error }

var errEvalUsage = errors.New("usage: server eval [-json] [-min intent=0.9,…] [-backend rules|llm|replay] [-tape TAPE] FILE…")

// evaluate measures the bot on sets of messages and dialogues: the real bot,
// the shipped knowledge and the rules of the desk, all in memory. It returns
// an error when a figure is below its floor.
func evaluate(ctx context.Context, cfg config.Config, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	asJSON := flags.Bool("json", false, "print JSON")
	least := flags.String("min", "", "floors, such as intent=0.9,clause_at_1=0.8")
	kind := flags.String("backend", "rules", "rules, llm, or replay: the model as it was recorded")
	tape := flags.String("tape", "", "file that answers of the model are recorded to, or replayed from")
	files, err := parse(flags, args)
	if err != nil || len(files) == 0 {
		return usageError{errors.Join(errEvalUsage, err)}
	}
	floors, err := eval.ParseFloors(*least)
	if err != nil {
		return usageError{err}
	}
	set, err := readSets(files)
	if err != nil {
		return usageError{err}
	}
	reel, err := openReel(*kind, *tape)
	if err != nil {
		return usageError{err}
	}
	defer reel.close()
	judge, err := newJudge(ctx, cfg, *kind, reel.tape)
	if err != nil {
		return err
	}
	scores, err := judge.Run(ctx, set)
	if err = errors.Join(err, reel.close()); err != nil {
		return err
	}
	if err := printScores(out, scores, *asJSON); err != nil {
		return err
	}
	var below error
	for _, b := range scores.Below(floors) {
		below = errors.Join(below, errors.New(b))
	}
	return below
}

func readSets(names []string) (eval.Set, error) {
	var set eval.Set
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return set, err
		}
		err = set.Read(f)
		f.Close()
		if err != nil {
			return set, fmt.Errorf("%s: %w", name, err)
		}
	}
	return set, nil
}

func printScores(out io.Writer, s eval.Scores, asJSON bool) error {
	if !asJSON {
		return s.Table(out)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(s)
}

// evalNow is when every message of a set comes: a Friday morning, at work.
var evalNow = time.Date(2026, 11, 20, 10, 0, 0, 0, tickets.Beijing)

func newJudge(ctx context.Context, cfg config.Config, kind string, tape *llm.Tape) (eval.Judge, error) {
	understander, err := rules.New()
	if err != nil {
		return eval.Judge{}, err
	}
	library, err := shippedLibrary(ctx)
	if err != nil {
		return eval.Judge{}, err
	}
	cal, err := calendar.Default()
	if err != nil {
		return eval.Judge{}, err
	}
	table, err := tickets.LoadRules(cfg.Rules, cal)
	if err != nil {
		return eval.Judge{}, err
	}
	next, err := evalBackend(cfg, kind, understander, library, tape)
	if err != nil {
		return eval.Judge{}, err
	}
	guard := &claims.Guard{Next: next, Articles: library, Hosts: ownHosts(cfg), Secrets: []string{llm.Canary},
		Log: slog.New(slog.DiscardHandler)}
	return eval.Judge{Answerer: guard, Knowledge: library, Rules: table, Now: evalNow}, nil
}

// evalBackend is the backend that is measured.
func evalBackend(cfg config.Config, kind string, u *rules.Rules, k bot.Knowledge, tape *llm.Tape) (bot.Answerer, error) {
	switch {
	case kind == "rules":
		return bot.New(u, k), nil
	case cfg.LLMModel == "":
		return nil, usageError{errors.New("no model is configured: set HUB_LLM_BASE_URL and HUB_LLM_MODEL")}
	}
	o := modelOptions(cfg, u, k)
	o.Limits.Hourly, o.Limits.Daily = math.MaxInt, math.MaxInt // every message of a set comes in the same hour
	if tape != nil {
		o.Transport = tape
	}
	return llm.New(o)
}

// reel is the tape of a run with its file.
type reel struct {
	tape *llm.Tape // nil: the endpoint is asked and nothing kept
	file *os.File
}

func openReel(kind, name string) (*reel, error) {
	switch kind {
	case "rules", "llm":
		if name == "" || kind == "rules" {
			return &reel{}, nil
		}
		file, err := os.Create(name)
		return &reel{tape: llm.Record(nil, file), file: file}, err
	case "replay":
		if name == "" {
			return nil, errors.New("replay needs -tape")
		}
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		tape, err := llm.Replay(file)
		return &reel{tape: tape}, err
	}
	return nil, fmt.Errorf("%q is not a backend; there are rules, llm and replay", kind)
}

// close ends a recording; what was not on a tape that was replayed is an error.
func (r *reel) close() error {
	if r.file != nil {
		file := r.file
		r.file = nil
		return file.Close()
	}
	if r.tape == nil {
		return nil
	}
	if n := r.tape.Missed(); n > 0 {
		return fmt.Errorf("%d requests are not on the tape: record it anew with -backend llm", n)
	}
	return nil
}

// shippedLibrary holds the shipped knowledge without a database.
func shippedLibrary(ctx context.Context) (*kb.Library, error) {
	words, err := kb.ShippedWords()
	if err != nil {
		return nil, err
	}
	articles, err := kb.Seed()
	if err != nil {
		return nil, err
	}
	l := kb.NewLibrary(shipped(articles), embedded.New(words), func() time.Time { return evalNow })
	return l, l.Load(ctx)
}

// shipped is a kb.Store that only reads.
type shipped []kb.Article

func (s shipped) Articles(context.Context) ([]kb.Article, error)       { return s, nil }
func (s shipped) KnowledgeRevision(context.Context) (int64, error)     { return 1, nil }
func (s shipped) PutArticle(context.Context, kb.Article) (bool, error) { return false, errReadOnly }
func (s shipped) Digest(context.Context) (string, error)               { return kb.SeedDigest(), nil }
func (s shipped) SetDigest(context.Context, string) error              { return errReadOnly }

var errReadOnly = errors.New("the shipped knowledge cannot be changed here")
