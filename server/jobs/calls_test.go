package jobs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

func TestWhatBelongsToAnActionIsDoneWithItOrRefusedByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		opening := func(kind tickets.Kind, category tickets.Category, words string) tickets.Opening {
			return tickets.Opening{Kind: kind, Category: category, Description: words, ContactPhone: "13812345678"}
		}
		var got bot.Result
		a := answerer(t, s, &scripted{reply: func(bot.Turn) (bot.Reply, error) {
			return bot.Reply{
				Text:  "没有登记成功",
				Words: func(r bot.Result) string { got = r; return "登记好了" },
				Action: &bot.Action{Type: bot.OpenTicket, Opening: opening(tickets.Repair, tickets.Leak, "水管漏水"), Also: []bot.Action{
					{Type: bot.OpenTicket, Opening: opening(tickets.Complaint, tickets.Billing, "水费多扣了")},
					{Type: bot.OpenTicket, Opening: opening(tickets.Complaint, "nonsense", "不会有这一类")},
				}},
			}, nil
		}})
		m := hear(t, s, "1", "两件事，一是水管漏水，二是水费多扣了")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		require.Equal(t, []string{"登记好了"}, said(t, s, m.ConversationID))
		require.Len(t, got.Also, 2)
		require.Equal(t, tickets.Billing, got.Also[0].Ticket.Category)
		require.Nil(t, got.Also[1].Ticket, "refused, and nothing else with it")
		page, err := s.List(t.Context(), tickets.Everything, tickets.Filter{})
		require.NoError(t, err)
		require.Len(t, page.Tickets, 2)
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
	})
}

func TestTheBotAsksForAPlaceBeforeItPromisesACall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		y, m0, d := s.Now().In(tickets.Beijing).Date()
		wanted := time.Date(y, m0, d+1, 15, 0, 0, 0, tickets.Beijing)
		boss := tickets.Actor{Kind: tickets.ByStaff, ID: 1, Name: "孙建国"}
		require.NoError(t, s.PutCallHours(t.Context(), boss, tickets.CallHours{Opens: 9 * 60, Closes: 17 * 60, Slot: 30, Capacity: 1}))
		var refused error
		a := answerer(t, s, &scripted{reply: func(turn bot.Turn) (bot.Reply, error) {
			refused = turn.CanCall(t.Context(), "", "", "13812345678", wanted)
			return bot.Reply{
				Text:  "没有约上",
				Words: func(bot.Result) string { return "约好了" },
				Action: &bot.Action{Type: bot.BookCallback, At: wanted, Opening: tickets.Opening{Kind: tickets.Request,
					Category: tickets.Other, Description: "请回电", ContactPhone: "13812345678"}},
			}, nil
		}})
		first := hear(t, s, "1", "明天下午三点给我回电话")
		require.NoError(t, a.Answer(t.Context(), first.ConversationID))
		require.NoError(t, refused)
		require.Equal(t, []string{"约好了"}, said(t, s, first.ConversationID))

		second := hear(t, s, "2", "明天下午三点也给我回电话")
		require.NoError(t, a.Answer(t.Context(), second.ConversationID))
		var slot *tickets.SlotError
		require.ErrorAs(t, refused, &slot, "the bot learns of it before it says anything")
		require.NotEmpty(t, slot.Free)
		require.Contains(t, said(t, s, second.ConversationID), "没有约上", "and claims nothing when somebody was faster")
		page, err := s.List(t.Context(), tickets.Everything, tickets.Filter{})
		require.NoError(t, err)
		require.Len(t, page.Tickets, 1, "no ticket is left of a call that was not promised")
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
	})
}
