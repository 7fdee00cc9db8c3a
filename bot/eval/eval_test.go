package eval_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/bot/eval"
	"quandesk/channels"
	"quandesk/kb"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, tickets.Beijing)

// parrot answers what it was told to, by text.
type parrot map[string]bot.Reply

func (p parrot) Answer(_ context.Context, t bot.Turn) (bot.Reply, error) {
	return p[t.Messages[0].Text], nil
}

// shelf finds the same articles for every question.
type shelf []string

func (s shelf) Search(context.Context, string, int) ([]kb.Found, error) {
	var out []kb.Found
	for _, clause := range s {
		out = append(out, kb.Found{Article: kb.Article{ID: "a-" + clause, Clause: clause}})
	}
	return out, nil
}

func means(intent bot.Intent, u bot.Understanding) bot.Understanding {
	u.Intents = []bot.Intent{intent}
	return u
}

func cites(clause string) bot.Reply {
	return bot.Reply{Text: "答案", Understanding: means(bot.Ask, bot.Understanding{}),
		Citations: []channels.Citation{{ArticleID: "a-" + clause, Clause: clause}}}
}

func read(t *testing.T, lines ...string) eval.Set {
	t.Helper()
	var set eval.Set
	require.NoError(t, set.Read(strings.NewReader(strings.Join(lines, "\n"))))
	return set
}

func run(t *testing.T, b bot.Answerer, found shelf, lines ...string) eval.Scores {
	t.Helper()
	rules, err := tickets.LoadRules("", nil)
	require.NoError(t, err)
	s, err := eval.Judge{Answerer: b, Knowledge: found, Rules: rules, Now: noon}.Run(t.Context(), read(t, lines...))
	require.NoError(t, err)
	return s
}

func TestAMessageCountsWhenItsFirstLabelIsAmongTheAcceptableOnes(t *testing.T) {
	b := parrot{
		"一": {Understanding: bot.Understanding{Intents: []bot.Intent{bot.Complain, bot.Ask}, Category: tickets.Leak, Urgent: true}},
		"二": {Understanding: bot.Understanding{Intents: []bot.Intent{bot.Ask}, Category: tickets.Pressure}},
	}
	s := run(t, b, nil,
		`{"id":"1","text":"一","intent":["repair","complaint"],"category":["leak"],"urgent":true,"slots":{}}`,
		`{"id":"2","text":"二","intent":["complaint"],"category":["pressure","outage"],"urgent":true,"slots":{}}`)
	require.InDelta(t, 0.5, *s.Messages.Intent, 1e-9)
	require.InDelta(t, 1, *s.Messages.Category, 1e-9)
	require.InDelta(t, 0.5, *s.Messages.UrgentRecall, 1e-9)
	require.InDelta(t, 1, *s.Messages.UrgentPrecision, 1e-9)
	require.Len(t, s.Failures, 1)
	require.Equal(t, "2", s.Failures[0].ID)
	require.Equal(t, "intent complaint, urgent true", s.Failures[0].Expected)
	require.Equal(t, "intent ask, urgent false", s.Failures[0].Got)
}

func TestTheClauseThatIsCitedComesBeforeThoseThatAreFound(t *testing.T) {
	b := parrot{"一": cites("11.2"), "二": cites("9.5"), "三": {Text: "不清楚，可以转人工。"}, "四": cites("9.5")}
	s := run(t, b, shelf{"9.5", "7.1", "11.2"},
		`{"id":"1","text":"一","intent":["ask"],"clauses":["11.2"]}`, // cited: first
		`{"id":"2","text":"二","intent":["ask"],"clauses":["11.2"]}`, // third, after 9.5 and 7.1
		`{"id":"3","text":"三","intent":["ask"],"clauses":["9.5"]}`,  // first of those found, but refused
		`{"id":"4","text":"四","intent":["ask"],"clauses":["1"]}`)    // nowhere
	require.InDelta(t, 0.5, *s.Messages.ClauseAt1, 1e-9)
	require.InDelta(t, 0.75, *s.Messages.ClauseAt3, 1e-9)
	require.InDelta(t, (1+1.0/3+1+0)/4, *s.Messages.MRR, 1e-9)
	require.InDelta(t, 0.25, *s.Messages.OverRefusal, 1e-9)
}

func TestARefusalOffersAPersonAndStatesNothing(t *testing.T) {
	b := parrot{
		"一": {Text: "这个我不清楚，可以为您转人工。"}, "二": {Text: "这个我不清楚。"},
		"三": {Text: "大约3天，也可以转人工。"}, "四": cites("11.2"),
	}
	var lines []string
	for text := range b {
		lines = append(lines, `{"id":"`+text+`","text":"`+text+`","intent":["ask"],"clauses":[]}`)
	}
	require.InDelta(t, 0.25, *run(t, b, nil, lines...).Messages.Refusal, 1e-9)
}

func TestALineThatIsNoExampleIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"{\"text\":\"水压低\"}\n\nnonsense": "line 3",
		`{"id":"1"}`:                     "neither",
		`{"text":"水","slots":7}`:         "line 1",
		`[1]`:                            "line 1",
	} {
		var set eval.Set
		require.ErrorContains(t, set.Read(strings.NewReader(text)), want, text)
	}
}

func TestAFloorIsKeptOrNamed(t *testing.T) {
	floors, err := eval.ParseFloors(" intent=0.9, over_refusal=0.08 ")
	require.NoError(t, err)
	s := eval.Scores{Messages: eval.MessageScores{Intent: new(0.91), OverRefusal: new(0.05)}}
	require.Empty(t, s.Below(floors))
	s.Messages.Intent, s.Messages.OverRefusal = new(0.89), new(0.1)
	require.Equal(t, []string{"intent is 0.890, the bound is 0.900", "over_refusal is 0.100, the bound is 0.080"}, s.Below(floors))
	for _, bad := range []string{"mood=1", "intent", "intent=high", "intent=NaN", "intent=Inf", "intent=-Inf", "intent=1.01",
		"intent=-0.1", "dialogues=90", "p95_ms=Inf", "p95_ms=NaN", "p95_ms=-1"} {
		_, err := eval.ParseFloors(bad)
		require.Error(t, err, bad)
	}
}

func TestWhatASetDoesNotMeasureReachesNoFloor(t *testing.T) {
	said := run(t, parrot{}, nil, `{"text":"一","intent":["ask"],"clauses":[]}`)
	require.Equal(t, []string{"dialogues is not measured by these sets, so it cannot be held against 0.900"},
		said.Below(eval.Floors{"dialogues": 0.9, "refusal": 0}))
	require.Nil(t, said.Messages.OverRefusal, "no question could have been answered")
	played := run(t, parrot{}, nil, `{"turns":[{"user":"一"}],"expect":{}}`)
	require.Len(t, played.Below(eval.Floors{"intent": 0.9, "over_refusal": 0.1, "p95_ms": 5, "dialogues": 1}), 3)
	require.Equal(t, eval.Floors{"dialogues": 1}, eval.Floors{"intent": 1, "dialogues": 1}.Measured(played))
	require.Equal(t, eval.Floors{"dialogues": 1}, eval.Floors{}.Raise(played))
	var table strings.Builder
	require.NoError(t, said.Table(&table))
	require.Regexp(t, `application +-\n`, table.String())
}

func TestTheJSONHasTheKeysThatWereAgreed(t *testing.T) {
	data, err := json.Marshal(run(t, parrot{}, nil, `{"text":"一"}`))
	require.NoError(t, err)
	var out struct {
		Messages  map[string]*float64
		Dialogues map[string]int
		Failures  []eval.Failure
	}
	require.NoError(t, json.Unmarshal(data, &out))
	for _, key := range strings.Fields("n intent category application urgent_recall urgent_precision phone address_f1 refusal over_refusal clause_at_1 clause_at_3 mrr p95_ms") {
		require.Contains(t, out.Messages, key)
	}
	require.InDelta(t, 1, *out.Messages["n"], 0)
	require.Nil(t, out.Messages["application"], "null: not measured")
	require.Contains(t, out.Dialogues, "n")
	require.Contains(t, out.Dialogues, "passed")
	require.NotNil(t, out.Failures)
}

func TestOnlyTheWorstTwentyAreListed(t *testing.T) {
	var lines []string
	for range 30 {
		lines = append(lines, `{"id":"x","text":"一","intent":["complaint"]}`)
	}
	lines = append(lines, `{"id":"danger","text":"一","intent":["complaint"],"urgent":true}`)
	s := run(t, parrot{}, nil, lines...)
	require.Len(t, s.Failures, 20)
	require.Equal(t, "danger", s.Failures[0].ID)
}

func TestADialogueCountsByItsEndState(t *testing.T) {
	opens := bot.Reply{Text: "好的", Words: func(bot.Result) string { return "已登记，两天内办结" },
		Action: &bot.Action{Type: bot.OpenTicket, Opening: tickets.Opening{Kind: tickets.Complaint, Category: tickets.Pressure, Description: "水压低", ContactPhone: "13812345678"}}}
	line := func(id, expect string) string {
		return `{"id":"` + id + `","turns":[{"user":"一"}],"expect":` + expect + `}`
	}
	s := run(t, parrot{"一": opens}, nil,
		line("right", `{"tickets":[{"type":"complaint","category":"pressure","slots":{"phone":"138 1234 5678"}}],"must_say":["2日"]}`),
		line("kind", `{"tickets":[{"type":"repair","category":"pressure"}]}`),
		line("phone", `{"tickets":[{"type":"complaint","slots":{"phone":"13812345679"}}]}`),
		line("none", `{"no_ticket":true}`),
		line("person", `{"tickets":[{"type":"complaint"}],"human_handoff":true}`),
		line("said", `{"tickets":[{"type":"complaint"}],"must_not_say":["2日"]}`))
	require.Equal(t, eval.DialogueScores{N: 6, Passed: 1}, s.Dialogues)
	require.Len(t, s.Failures, 5)
}

func TestAFloorRisesAndNeverFalls(t *testing.T) {
	s := eval.Scores{Messages: eval.MessageScores{N: 10, Intent: new(0.9), Refusal: new(0.5), OverRefusal: new(0.2), ClauseAt1: new(0.7)}}
	raised := eval.Floors{"intent": 0.8, "refusal": 0.6, "over_refusal": 0.1}.Raise(s)
	require.InDelta(t, 0.9, raised["intent"], 1e-9)
	require.InDelta(t, 0.6, raised["refusal"], 1e-9, "worse than before: the floor stays")
	require.InDelta(t, 0.1, raised["over_refusal"], 1e-9, "more is worse here")
	require.InDelta(t, 0.7, raised["clause_at_1"], 1e-9)
	require.NotContains(t, raised, "dialogues", "none was played")
	require.NotContains(t, raised, "p95_ms")
	s.Messages.OverRefusal = new(0.05)
	require.InDelta(t, 0.05, raised.Raise(s)["over_refusal"], 1e-9)
	require.Equal(t, eval.Floors{"dialogues": 0.5}, eval.Floors(nil).Raise(eval.Scores{Dialogues: eval.DialogueScores{N: 2, Passed: 1}}))
}

func TestAScriptIsJudgedAfterEveryTurn(t *testing.T) {
	opens := bot.Reply{Text: "好的", Words: func(bot.Result) string { return "登记好了" }, Citations: cites("11.2").Citations,
		Action: &bot.Action{Type: bot.OpenTicket, Opening: tickets.Opening{Kind: tickets.Complaint, Category: tickets.Pressure, Description: "水压低", ContactPhone: "13812345678"}}}
	b := parrot{"一": opens, "二": {Text: "已为您登记"}, "三": {Text: "please wait 20分钟"}}
	script := func(name, end string, steps ...string) string {
		return "- name: " + name + "\n  steps:\n  - " + strings.Join(steps, "\n  - ") + "\n" + end
	}
	s := run(t, b, nil, "# how to read this",
		script("right", "  tickets: [{kind: complaint, category: pressure, phone: \"13812345678\"}]\n", "{say: 一, act: open_ticket, has: [登记], not: [天], clause: '11.2'}"),
		script("action", "", "{say: 一, act: ''}"), script("has", "", "{say: 一, has: [天]}"), script("not", "", "{say: 一, not: [登记]}"),
		script("clause", "", "{say: 一, clause: '1'}"), script("urgent", "", "{say: 一, urgent: true}"), script("tickets", "  tickets: []\n", "{say: 一}"),
		script("phone", "  tickets: [{phone: \"1\"}]\n", "{say: 一}"), script("handed", "  handed: 1\n", "{say: 一}"), script("done", "  tickets: []\n", "{say: 一, do: fail}", "{say: 一, act: ''}"),
		script("claims", "", "{say: 二}"), script("English", "", "{say: 三}"), script("figure", "", "{say: 三, notfigure: true}"), script("silence", "", "{say: 无}"))
	require.Equal(t, eval.DialogueScores{N: 14, Passed: 1}, s.Dialogues)
	var failed []string
	for _, f := range s.Failures {
		failed = append(failed, f.ID)
	}
	require.NotContains(t, failed, "right")
	require.Len(t, failed, 13)
}

func TestAScriptThatCannotBePlayedIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"- name: a\n  steps:\n  - say: 一\n    hass: [天]\n": "[4:",
		"- name: a\n": "no steps",
	} {
		var set eval.Set
		require.ErrorContains(t, set.Read(strings.NewReader(text)), want)
	}
	_, err := eval.Judge{Answerer: parrot{}, Now: noon}.Scripts(t.Context(), read(t, "- name: a\n  steps:\n  - {say: 一, do: dance}").Scripts)
	require.ErrorContains(t, err, "dance")
}

func TestAllThatADialogueStatesMustBeOnItsTicket(t *testing.T) {
	opens := bot.Reply{Text: "好的", Words: func(bot.Result) string { return "登记好了" },
		Action: &bot.Action{Type: bot.OpenTicket, Opening: tickets.Opening{Kind: tickets.Complaint, Category: tickets.Pressure,
			Description: "水压低", ContactName: "秦先生", Address: customer.Address{Text: "解放路5号"}}}}
	for slots, want := range map[string]int{`{"name":"秦","road":"解放路"}`: 1, `{"name":"张"}`: 0, `{"road":"经七路"}`: 0, `{"community":"东仓小区"}`: 0} {
		line := `{"id":"x","turns":[{"user":"一"}],"expect":{"tickets":[{"type":"complaint","slots":` + slots + `}]}}`
		require.Equal(t, want, run(t, parrot{"一": opens}, nil, line).Dialogues.Passed, slots)
	}
	line := `{"id":"x","turns":[{"user":"一"}],"expect":{"tickets":[{"type":"callback"}]}}`
	require.Zero(t, run(t, parrot{"一": opens}, nil, line).Dialogues.Passed, "no call is booked")
}

func TestALabelNobodyGivesIsAMistakeOfTheSet(t *testing.T) {
	for line, want := range map[string]string{
		`{"id":"x","text":"一","intent":["grumble"]}`:                               "grumble",
		`{"id":"x","text":"一","intent":["complaint"],"category":["taste"]}`:        "taste",
		`{"id":"x","text":"一","intent":["apply"],"application":"marriage"}`:        "marriage",
		`{"id":"x","turns":[],"expect":{}}`:                                        "no turns",
		`{"id":"x","turns":[{"user_event":"smell"}],"expect":{}}`:                  "smell",
		`{"id":"x","turns":[{"user":"一"}],"expect":{"tickets":[{"type":"wish"}]}}`: "wish",
	} {
		var set eval.Set
		err := set.Read(strings.NewReader(line))
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "line 1")
	}
	var set eval.Set
	require.ErrorContains(t, set.Read(strings.NewReader("\n")), "neither")
}

// listener keeps what was said to it.
type listener struct{ heard *[]channels.Message }

func (l listener) Answer(_ context.Context, t bot.Turn) (bot.Reply, error) {
	*l.heard = append(*l.heard, t.Messages...)
	return bot.Reply{Text: "好"}, nil
}

func TestEventsReachTheBotAsTheirChannelWouldSendThem(t *testing.T) {
	var heard []channels.Message
	run(t, listener{&heard}, nil, `{"id":"x","turns":[{"user_event":"image"},{"user_event":"voice"},{"user_event":"location"},{"user_event":"menu:human"},{"user_event":"menu:查水质"}],"expect":{}}`)
	require.Len(t, heard, 5)
	require.Equal(t, []channels.Kind{channels.Image, channels.Voice, channels.Location, channels.Text, channels.Text},
		[]channels.Kind{heard[0].Kind, heard[1].Kind, heard[2].Kind, heard[3].Kind, heard[4].Kind})
	require.NotEmpty(t, heard[2].Place.Label)
	require.Equal(t, "转人工", heard[3].Text)
	require.Equal(t, "查水质", heard[4].Text)
}

func TestTicketsAreComparedWhateverTheirOrder(t *testing.T) {
	open := func(kind tickets.Kind, category tickets.Category) bot.Reply {
		return bot.Reply{Text: "好的", Words: func(bot.Result) string { return "登记好了" }, Action: &bot.Action{Type: bot.OpenTicket,
			Opening: tickets.Opening{Kind: kind, Category: category, Description: "坏了", ContactPhone: "13812345678"}}}
	}
	book := bot.Reply{Text: "好的", Words: func(bot.Result) string { return "约好了" }, Action: &bot.Action{Type: bot.BookCallback, At: noon.AddDate(0, 0, 1),
		Opening: tickets.Opening{Kind: tickets.Request, Category: tickets.Other, Description: "回电", ContactPhone: "13812345678"}}}
	b := parrot{"一": open(tickets.Complaint, tickets.Pressure), "二": open(tickets.Repair, tickets.Leak), "三": book}
	line := func(expect string) string {
		return `{"id":"x","turns":[{"user":"一"},{"user":"二"},{"user":"三"}],"expect":{"tickets":[` + expect + `]}}`
	}
	for expect, passed := range map[string]int{
		`{"type":"repair","category":"leak"},{"type":"complaint","category":"pressure"},{"type":"callback"}`: 1,
		`{"type":"repair","category":"leak"},{"type":"callback"}`:                                            0, // a complaint too many
		`{"type":"complaint"},{"type":"complaint"},{"type":"callback"}`:                                      0,
		`{"type":"repair"},{"type":"complaint"},{"type":"callback"},{"type":"callback"}`:                     0, // one call only
	} {
		require.Equal(t, passed, run(t, b, nil, line(expect)).Dialogues.Passed, expect)
	}
}

func TestACallIsComparedByTheMomentItsWordsMean(t *testing.T) {
	book := bot.Reply{Text: "好的", Words: func(bot.Result) string { return "约好了" }, Action: &bot.Action{Type: bot.BookCallback,
		At:      time.Date(2026, 11, 21, 9, 0, 0, 0, tickets.Beijing),
		Opening: tickets.Opening{Kind: tickets.Request, Category: tickets.Other, Description: "回电", ContactPhone: "13812345678"}}}
	for words, passed := range map[string]int{"明天上午九点": 1, "周六早上9点": 1, "后天下午四点": 0, "明天上午十点": 0, "后天上午九点": 0, "有空的时候": 1} {
		line := `{"id":"x","turns":[{"user":"` + words + `"}],"expect":{"tickets":[{"type":"callback","slots":{"time":"` + words + `"}}]}}`
		require.Equal(t, passed, run(t, parrot{words: book}, nil, line).Dialogues.Passed, words)
	}
}

func TestTheTimeAndTheEarlierTicketOfAMatterStandOnIt(t *testing.T) {
	opens := bot.Reply{Text: "好的", Words: func(bot.Result) string { return "登记好了" },
		Action: &bot.Action{Type: bot.OpenTicket, Opening: tickets.Opening{Kind: tickets.Complaint, Category: tickets.Service,
			Description: "昨天夜里停的水，TS-20261101-0007那单也没人管", ContactPhone: "13812345678"}}}
	for slots, passed := range map[string]int{
		`{"time":"昨天夜里"}`: 1, `{"time":"前天"}`: 0, `{"ticket":"TS-20261101-0007"}`: 1, `{"ticket":"TS-20261101-0008"}`: 0,
		`{"ticket":"TS-20261120-0001"}`: 1, // its own
	} {
		line := `{"id":"x","turns":[{"user":"一"}],"expect":{"tickets":[{"type":"complaint","slots":` + slots + `}]}}`
		require.Equal(t, passed, run(t, parrot{"一": opens}, nil, line).Dialogues.Passed, slots)
	}
}

func TestWhatMustBeSaidIsAFactAndNotItsWording(t *testing.T) {
	b := parrot{"一": {Text: "20分钟内有人联系您"}}
	for expect, passed := range map[string]int{
		`{"must_say":["二十分钟"]}`: 1, `{"must_say":["0分钟"]}`: 0, `{"must_not_say":["0分钟"]}`: 1, `{"must_not_say":["二十分钟"]}`: 0,
	} {
		require.Equal(t, passed, run(t, b, nil, `{"id":"x","turns":[{"user":"一"}],"expect":`+expect+`}`).Dialogues.Passed, expect)
	}
}

func TestEverySlotIsPrinted(t *testing.T) {
	b := parrot{"一": {Understanding: bot.Understanding{Slots: bot.Slots{Community: "东仓小区", Road: "解放路", Name: "秦"}}}}
	s := run(t, b, nil, `{"text":"一","slots":{"community":"东仓小区","road":"经七路","district":"历下区","name":"秦"}}`)
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var out struct{ Messages map[string]*float64 }
	require.NoError(t, json.Unmarshal(data, &out))
	var table strings.Builder
	require.NoError(t, s.Table(&table))
	for name, want := range map[string]string{"community": "1.000", "road": "0.000", "district": "0.000", "name": "1.000", "time": "-", "ticket": "-"} {
		require.Contains(t, out.Messages, name)
		require.Regexp(t, `\n  `+name+` +`+want+`\n`, table.String())
	}
	require.InDelta(t, 1, *out.Messages["community"], 0)
	require.InDelta(t, 0, *out.Messages["road"], 0)
	require.Nil(t, out.Messages["time"])
	require.NotEmpty(t, s.Below(eval.Floors{"road": 0.5}), "each can have a floor")
}
