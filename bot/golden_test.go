package bot_test

import (
	"testing"
	"time"

	"quandesk/bot"
	"quandesk/bot/rules"
	"quandesk/kb"
)

func TestEveryShippedGoldenQuestionIsAnsweredRight(t *testing.T) {
	questions, err := kb.ShippedGoldens()
	if err != nil {
		t.Fatal(err)
	}
	u, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	tell := bot.Teller(func(k bot.Knowledge) bot.Answerer { return bot.New(u, k) }, func() time.Time { return friday })
	verdicts, err := kb.Judge(t.Context(), tell, newLibrary(t), questions)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range kb.Failed(verdicts) {
		t.Errorf("%s: %q answers (%.2f), want %q", v.Question, v.Got, v.Score, v.ArticleID)
	}
}

func TestTheBotSaysWhenItDoesNotKnow(t *testing.T) {
	for _, c := range []struct {
		k       thin
		unknown bool
	}{{thin{score: 0.9, verified: true}, false}, {thin{score: 0.1, verified: true}, true}, {thin{score: 0.9}, true}} {
		r, err := bot.New(asker{}, c.k).Answer(t.Context(), turn("水价"))
		if err != nil || r.Unknown != c.unknown {
			t.Errorf("%+v: %t, %v", c.k, r.Unknown, err)
		}
	}
}
