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
