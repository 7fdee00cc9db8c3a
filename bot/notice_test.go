package bot_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/bot/claims"
	"quandesk/bot/eval"
	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/outage"
)

// works is the outage of the examples: the water is off along a road until six
// in the evening.
func works() outage.Notice {
	return outage.Notice{
		No: "TZ-20261120-003", Version: 2, State: outage.Published, PublishedAt: friday.Add(-50 * time.Hour),
		Form: outage.Form{
			Kind: outage.Planned, StartAt: at(8, 0), EndAt: at(18, 0), Reason: "DN600供水管道改造", Contact: "客服热线0531-55501234",
			Area: outage.Area{Districts: []string{"历下区"}, Streets: []string{"文化东路"}, Compounds: []string{"甸柳新村三区"}},
		},
	}
}

func at(hour, minute int) time.Time {
	return time.Date(2026, 11, 20, hour, minute, 0, 0, tickets.Beijing)
}

// outageDesk hands the notices of the moment into every turn.
type outageDesk struct {
	next    bot.Answerer
	notices []outage.Notice
}

func (o *outageDesk) Answer(ctx context.Context, t bot.Turn) (bot.Reply, error) {
	t.Outages = o.notices
	return o.next.Answer(ctx, t)
}

// line is one turn: what the answer must hold and,
// after "!", what it must not.
type line struct {
	say  string
	want []string
	act  string // what the desk is asked for
	cite string // the source cited; "" is none
	at   time.Time
	move func(*outage.Notice) // happens before
}

func play(t *testing.T, lines []line, notices ...outage.Notice) *outageDesk {
	t.Helper()
	var refused []claims.Rule
	library := newLibrary(t)
	o := &outageDesk{notices: notices}
	o.next = &claims.Guard{Next: newBot(t), Articles: library, Log: slog.New(slog.DiscardHandler), Hit: func(r claims.Rule) { refused = append(refused, r) }}
	d := eval.NewDesk(o, newRules(t), friday)
	for _, l := range lines {
		if !l.at.IsZero() {
			d.Now = l.at
		}
		if l.move != nil {
			l.move(&o.notices[0])
		}
		answer, err := d.Say(t.Context(), l.say)
		require.NoError(t, err)
		act, cite := "", ""
		if d.Last.Action != nil {
			act = string(d.Last.Action.Type)
		}
		if len(d.Last.Citations) > 0 {
			cite = d.Last.Citations[0].ArticleID
		}
		t.Logf("%s → %s", l.say, answer)
		require.Equalf(t, l.act, act, "%s: %s", l.say, answer)
		require.Equalf(t, l.cite, cite, "%s: %s", l.say, answer)
		for _, w := range l.want {
			if w, not := strings.CutPrefix(w, "!"); not {
				require.NotContainsf(t, answer, w, "%s", l.say)
				continue
			}
			require.Containsf(t, answer, w, "%s", l.say)
		}
		require.Emptyf(t, refused, "%s: %s", l.say, answer)
	}
	return o
}

const cited = "outage:TZ-20261120-003"

func TestANoticeAnswersBeforeATicketIsOpened(t *testing.T) { // R19, outage-001 of the golden set
	for name, lines := range map[string][]line{
		"a question asks for the address and for nothing else": {
			{say: "我家没水了，咋回事", want: []string{"小区", "路", "!电话", "!18:00", "!登记"}},
			{say: "文化东路63号", want: []string{"18:00", "TZ-20261120-003", "DN600供水管道改造", "文化东路"}, cite: cited},
		},
		"a report with its address is answered at once": {
			{say: "文化东路63号没水了", want: []string{"TZ-20261120-003", "18:00"}, cite: cited},
		},
		"a report asks for the address first": {
			{say: "家里没水", want: []string{"小区", "!电话"}},
			{say: "甸柳新村三区5号楼", want: []string{"TZ-20261120-003", "18:00"}, cite: cited},
			{say: "好的谢谢", want: []string{"不客气"}},
		},
		"the district alone asks for more, and for nothing else": {
			{say: "历下区停水了吗", want: []string{"小区", "!电话", "!TZ-"}},
			{say: "文化东路63号", want: []string{"TZ-20261120-003"}, cite: cited},
		},
		"half of a compound asks which part": {
			{say: "甸柳新村停水了吗", want: []string{"几区", "!TZ-"}},
			{say: "甸柳新村三区5号楼", want: []string{"TZ-20261120-003"}, cite: cited},
		},
		"only the part of the compound": {
			{say: "甸柳新村停水了", want: []string{"几区"}},
			{say: "三区5号楼", want: []string{"甸柳新村三区5号楼", "TZ-20261120-003"}, cite: cited},
		},
		"the wrong part of the compound": {
			{say: "甸柳新村停水了", want: []string{"几区"}},
			{say: "五区", want: []string{"电话", "!TZ-"}},
		},
		"the number of the house comes later": {
			{say: "文化东路没水", cite: cited},
			{say: "63号", want: []string{"文化东路63号在停水通知"}, cite: cited},
		},
		"a yes after it opens nothing": {
			{say: "文化东路63号没水了", cite: cited},
			{say: "是的", want: []string{"!电话"}},
		},
		"tomorrow is another day": {
			{say: "文化东路明天停水吗", want: []string{"没有查到文化东路明天的停水通知", "!TZ-"}},
		},
		"by its number": {
			{say: "TZ-20261120-003到几点", want: []string{"18:00", "文化东路"}, cite: cited},
			{say: "TZ-20261120-009到几点", want: []string{"没有查到这个编号"}},
		},
		"a neighbour is not answered by it": {
			{say: "甸柳新村五区5号楼没水了", want: []string{"电话", "!TZ-"}},
			{say: "13812345678", act: "open_ticket", want: []string{"TS-"}},
		},
		"a question from elsewhere hears that nothing was found": {
			{say: "王官庄小区停水了吗", want: []string{"没有查到王官庄小区的停水通知", "不代表没有停水"}},
			{say: "登记吧，13812345678", act: "open_ticket", want: []string{"TS-"}},
		},
		"asked again it says the same": {
			{say: "文化东路63号没水了", want: []string{"TZ-20261120-003"}, cite: cited},
			{say: "什么时候来水", want: []string{"18:00"}, cite: cited},
		},
		"a known address is not asked for again": {
			{say: "文化东路63号没水了", want: []string{"TZ-20261120-003"}, cite: cited},
			{say: "好的谢谢"},
			{say: "来水了吗", want: []string{"文化东路63号", "18:00"}, cite: cited},
		},
		"another place is looked up anew": {
			{say: "文化东路63号没水了", cite: cited},
			{say: "那王官庄小区呢，停水了吗", want: []string{"没有查到王官庄小区"}},
		},
		"only one home without water is registered": {
			{say: "文化东路63号没水了", cite: cited},
			{say: "邻居家都有水，就我家没有，登记报修吧", want: []string{"电话"}},
			{say: "13812345678", act: "open_ticket", want: []string{"TS-"}},
		},
		"who complains has a ticket": {
			{say: "文化东路63号停水了，投诉你们，13812345678", act: "open_ticket", want: []string{"TS-"}},
		},
		"what is urgent has a ticket": {
			{say: "文化东路63号水管爆了没水，水淹到配电箱了", act: "open_ticket"},
		},
	} {
		t.Run(name, func(t *testing.T) { play(t, lines, works()) })
	}
}

func TestWhoHasNoWaterAfterTheEndHasATicket(t *testing.T) { // R16, R19
	for name, lines := range map[string][]line{
		"insists in the same talk": {
			{say: "文化东路63号没水了", cite: cited},
			{say: "通知说的时间已经过了还没水", at: at(18, 20), want: []string{"电话"}},
			{say: "13812345678", act: "open_ticket", want: []string{"TS-"}},
		},
		"insists after something else was said": {
			{say: "文化东路63号没水了", cite: cited},
			{say: "好的谢谢"},
			{say: "通知说的时间已经过了还没水", at: at(18, 20), want: []string{"文化东路63号"}},
			{say: "是", want: []string{"电话"}},
			{say: "13812345678", act: "open_ticket"},
		},
		"says it all at once": {
			{say: "文化东路63号，过了六点了还没来水，13812345678", at: at(18, 20), act: "open_ticket"},
		},
		"still nothing when the time is over": {
			{say: "文化东路63号没水了", cite: cited},
			{say: "家里还是没水", at: at(18, 20), want: []string{"电话"}},
		},
		"before the end, still nothing is what the notice says": {
			{say: "文化东路63号没水了", cite: cited},
			{say: "家里还是没水", want: []string{"18:00"}, cite: cited},
		},
		"asks when the time is over": {
			{say: "文化东路63号什么时候来水", at: at(18, 20), want: []string{"18:00", "时间过了"}, cite: cited},
			{say: "登记", want: []string{"电话"}},
		},
		"the end was moved": {
			{say: "文化东路63号什么时候来水", move: func(n *outage.Notice) {
				_, err := n.Extend(at(21, 30), "管道接口渗漏，需重新焊接", at(17, 40))
				if err != nil {
					panic(err)
				}
			}, want: []string{"21:30", "重新焊接", "!18:00"}, cite: cited},
		},
		"the water is back: the second notice": {
			{say: "文化东路63号没水了", cite: cited},
			{say: "来水了吗", at: at(18, 10), move: func(n *outage.Notice) {
				if _, err := n.Restore(outage.Back{RestoredAt: at(17, 50)}, at(18, 0)); err != nil {
					panic(err)
				}
			}, want: []string{"17:50", "恢复供水"}, cite: cited},
			{say: "家里还是没水", want: []string{"电话"}},
			{say: "13812345678", act: "open_ticket"},
		},
	} {
		t.Run(name, func(t *testing.T) { play(t, lines, works()) })
	}
}

func TestWhatIsPlannedForLaterExplainsNothingNow(t *testing.T) {
	n := works()
	n.StartAt, n.EndAt = at(8, 0).Add(24*time.Hour), at(18, 0).Add(24*time.Hour)
	play(t, []line{{say: "文化东路63号没水了", want: []string{"电话", "!TZ-"}}}, n)
	play(t, []line{{say: "文化东路63号明天停水吗", want: []string{"TZ-20261120-003", "明天（11月21日）08:00"}, cite: cited}}, n)
}

func TestABoundaryInWordsIsToldWithItsDoubt(t *testing.T) {
	n := works()
	n.Area = outage.Area{Districts: []string{"历下区"}, Bounds: "东至燕山立交桥，西至山大路，南至经十路，北至文化东路"}
	play(t, []line{
		{say: "历下区和平路20号停水了吗", want: []string{"判断不了", "东至燕山立交桥"}, cite: cited},
		{say: "登记", want: []string{"电话"}},
	}, n)
	play(t, []line{{say: "历下区和平路20号没水了", want: []string{"电话"}}}, n)
}

func TestWhatIsNotPublishedIsNotTold(t *testing.T) {
	for _, state := range []outage.State{outage.Draft, outage.Withdrawn} {
		n := works()
		n.State = state
		play(t, []line{{say: "文化东路63号没水了", want: []string{"电话", "!TZ-"}}}, n)
	}
}

// parrot says whatever it is told to, citing what it is told to.
type parrot struct{ bot.Reply }

func (p parrot) Answer(context.Context, bot.Turn) (bot.Reply, error) { return p.Reply, nil }

func TestFactsOfANoticeCountOnlyWhenItIsCitedAndThere(t *testing.T) {
	n := works()
	text := "文化东路63号在停水通知TZ-20261120-003的范围里，计划今天18:00恢复供水。"
	for name, c := range map[string]struct {
		text, cite string
		state      outage.State
		passes     bool
	}{
		"cited":          {text, n.Source(), outage.Published, true},
		"not cited":      {text, "", outage.Published, false},
		"another number": {text, "outage:TZ-20261120-009", outage.Published, false},
		"withdrawn":      {text, n.Source(), outage.Withdrawn, false},
		"another time":   {strings.Replace(text, "18:00", "16:00", 1), n.Source(), outage.Published, false},
		"another day":    {strings.Replace(text, "今天", "明天", 1), n.Source(), outage.Published, false},
		"another notice": {strings.Replace(text, "003", "004", 1), n.Source(), outage.Published, false},
		"a promise":      {text + "保证准时来水。", n.Source(), outage.Published, false},
	} {
		n.State = c.state
		r := bot.Reply{Text: c.text}
		if c.cite != "" {
			r.Citations = []channels.Citation{{ArticleID: c.cite}}
		}
		g := &claims.Guard{Next: parrot{r}, Articles: newLibrary(t), Log: slog.New(slog.DiscardHandler)}
		in := turn("文化东路63号没水了")
		in.Outages = []outage.Notice{n}
		got, err := g.Answer(t.Context(), in)
		require.NoError(t, err)
		require.Equalf(t, c.passes, got.Text == c.text, "%s: %s", name, got.Text)
	}
}
