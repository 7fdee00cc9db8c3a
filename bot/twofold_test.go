package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/tickets"
)

func TestASecondMatterThatWasRefusedIsTriedAgain(t *testing.T) {
	b := newBot(t)
	turn := func(text string) bot.Turn {
		return bot.Turn{Now: friday, Messages: []channels.Message{{Text: text, Kind: channels.Text, CreatedAt: friday}}}
	}
	r, err := b.Answer(t.Context(), turn("两件事，一是家里水表不走字，二是水费多扣了八十，燕子山小区3号楼402，13955512345"))
	require.NoError(t, err)
	require.NotNil(t, r.Action)
	require.Equal(t, tickets.Meter, r.Action.Opening.Category)
	require.Len(t, r.Action.Also, 1)
	first, second := r.Action.Opening, r.Action.Also[0].Opening
	require.Equal(t, tickets.Billing, second.Category)
	require.Equal(t, "13955512345", second.ContactPhone)
	require.Equal(t, "燕子山小区3号楼402", second.Address.Text)
	done := bot.Result{Ticket: &tickets.Ticket{No: "TS-20261120-0001", Kind: first.Kind, Category: first.Category}, Also: []bot.Result{{}}}
	require.Contains(t, r.Words(done), "另一件事刚才没有登记成功")

	again := turn("继续")
	again.Memory = r.Memory
	again.Tickets = []bot.Matter{{No: "TS-20261120-0001", Kind: first.Kind, Category: first.Category, State: tickets.New,
		Description: first.Description, Phone: first.ContactPhone, Address: first.Address.Text, ReceivedAt: friday}}
	r, err = b.Answer(t.Context(), again)
	require.NoError(t, err)
	require.NotNil(t, r.Action, r.Text)
	require.Equal(t, bot.OpenTicket, r.Action.Type)
	require.Equal(t, second.Description, r.Action.Opening.Description)
	require.Empty(t, r.Action.Also)
}

func TestTwoMattersOfDifferentKindsInOneMessageAreTwoTickets(t *testing.T) {
	for _, c := range []struct {
		turns       []string
		category    tickets.Category
		application string
	}{
		{[]string{"我家水管漏水了，泉景卧龙花园3号楼1单元，另外去年的发票也没给我开，13605319982"}, tickets.Leak, "invoice"},
		{[]string{"水压小，还有想约你们开放日参观", "燕翅山路5号楼", "13605319982"}, tickets.Pressure, "open_day"},
		{[]string{"楼道管子滴水，顺便帮我开张电子发票", "燕翅山路5号楼2单元", "13605319982"}, tickets.Leak, "invoice"},
	} {
		d, said := told(t, c.turns...)
		require.Len(t, d.Tickets, 2, "%v: %s", c.turns, said)
		require.Equal(t, c.category, d.Tickets[0].Category)
		require.Equal(t, c.application, d.Tickets[1].Application)
		require.Equal(t, "13605319982", d.Tickets[1].ContactPhone)
	}
}

func TestAQuestionBesideAReportIsAnsweredAndTheReportTaken(t *testing.T) {
	for _, turns := range [][]string{
		{"水表转得太快了要投诉，还有停水通知你们提前多久发？", "燕翅山路5号楼2单元", "13605319982"},
		{"停水通知你们提前多久发？另外我家水表转得太快了，燕翅山路5号楼2单元，13605319982"},
	} {
		_, said := told(t, turns[0])
		require.Contains(t, said, "24小时", turns)
		d, said := told(t, turns...)
		require.Len(t, d.Tickets, 1, "%v: %s", turns, said)
		require.Equal(t, tickets.Meter, d.Tickets[0].Category, "not what was asked about")
		require.Equal(t, tickets.Complaint, d.Tickets[0].Kind)
	}
	d, _ := told(t, "要是水表转得太快，还有停水通知你们提前多久发？", "燕翅山路5号楼2单元", "13605319982")
	for _, k := range d.Tickets {
		require.NotEqual(t, tickets.Meter, k.Category, "what may come is not reported")
	}
}

func TestOfTwoQuestionsBothAreAnsweredOrSaidToHaveNoAnswer(t *testing.T) {
	d, said := told(t, "投诉多久能办结？另外停水要提前多久通知？")
	require.Contains(t, said, "2日")
	require.Contains(t, said, "24小时")
	require.Len(t, d.Last.Citations, 2)
	require.False(t, d.Last.Unknown)
	d, said = told(t, "停水提前多久通知？还有水价多少钱一吨？")
	require.Contains(t, said, "24小时")
	require.Contains(t, said, "回复“人工”", "the price is not known here")
	require.Len(t, d.Last.Citations, 1)
	d, said = told(t, "停水提前多久通知？还有供水大厦是哪年盖的？")
	require.Contains(t, said, "24小时")
	require.Contains(t, said, "没有查到准确的答复")
	require.True(t, d.Last.Unknown, "the gap list gets it")
}
