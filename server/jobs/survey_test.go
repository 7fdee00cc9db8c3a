package jobs_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/server/jobs"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

// polled is a resident of WeChat who was asked about a settled ticket.
type polled struct {
	*store.Store
	desk     *tickets.Desk
	surveyor *jobs.Surveyor
	no       string
}

func poll(t *testing.T, s *store.Store) polled {
	t.Helper()
	ctx := t.Context()
	p := polled{Store: s, desk: answerer(t, s, &scripted{reply: says("您好")}).Desk}
	p.surveyor = &jobs.Surveyor{Store: s, Desk: p.desk}
	m, _, err := s.Receive(ctx, channels.Inbound{Channel: wechat.Channel, Account: "main", From: "resident", ExternalID: "1", Kind: channels.Text, Text: "水黄"})
	require.NoError(t, err)
	k, err := p.desk.Open(ctx, clerk, tickets.Opening{Kind: tickets.Complaint, Category: tickets.WaterQuality, Source: tickets.FromNetwork,
		Channel: wechat.Channel, ConversationID: m.ConversationID, Description: "水黄", ContactPhone: "13812345678"})
	require.NoError(t, err)
	p.no = k.No
	for _, move := range []func(*tickets.Ticket, time.Time) ([]tickets.Event, error){
		func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return k.Accept(clerk, tickets.Classification{}, at)
		},
		func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return k.Dispatch(clerk, tickets.Departments[0], "", at)
		},
		func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return k.Sign(worker, at) },
		func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return k.Start(worker, at) },
		func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return k.Settle(worker, tickets.Settlement{Outcome: tickets.Solved, Measures: "冲洗管道", Reply: "已冲洗，水质恢复正常。", Channel: "phone"}, at)
		},
	} {
		_, err := p.desk.Make(ctx, tickets.Change{By: clerk, No: p.no, Scope: tickets.Everything}, move)
		require.NoError(t, err)
	}
	require.NoError(t, p.surveyor.Ask(ctx))
	list, err := s.Pending(ctx, m.ConversationID)
	require.NoError(t, err)
	require.Len(t, list, 1)
	_, _, ours, err := s.Leave(ctx, list[0].ID)
	require.NoError(t, err)
	require.True(t, ours)
	require.NoError(t, s.Left(ctx, list[0], channels.Sent))
	return p
}

func (p polled) state(t *testing.T) tickets.State {
	t.Helper()
	k, err := p.desk.Ticket(t.Context(), tickets.Everything, p.no)
	require.NoError(t, err)
	return k.State
}

// typed is a push in which the resident typed an answer.
func typed(once, text string) wechat.Tap {
	return wechat.Tap{Text: text, Body: func(say string) (string, error) { return "<" + say + ">", nil },
		Happening: wechat.Happening{Account: "main", From: "resident", Once: once, Kind: wechat.SurveyKind, Note: "满意度评价：" + text, Trigger: wechat.ByMessage}}
}

func TestAnAnswerToASurveyThatIsCutOffLeavesNothingAndItsRetryEverything(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := poll(t, s)
		ctx, cut := t.Context(), errors.New("cut")
		broken := typed("m:1", "满意")
		broken.Body = func(string) (string, error) {
			require.Equal(t, tickets.Settled, p.state(t), "what is not committed nobody sees")
			return "", cut // behind the survey and the ticket, before the record of the push
		}
		if s.Engine() == store.SQLite { // whose one writer the look would wait for
			broken.Body = func(string) (string, error) { return "", cut }
		}
		_, _, err := p.surveyor.AnswerSurvey(ctx, broken)
		require.ErrorIs(t, err, cut)
		require.Equal(t, tickets.Settled, p.state(t))
		_, err = s.Line(ctx, "main", "resident", "m:1")
		require.ErrorIs(t, err, channels.ErrNotFound)

		first, ok, err := p.surveyor.AnswerSurvey(ctx, typed("m:1", "满意"))
		require.NoError(t, err)
		require.True(t, ok)
		require.Contains(t, first.Reply, p.no+"已按您的意见结案")
		require.Equal(t, tickets.Closed, p.state(t))

		again, ok, err := p.surveyor.AnswerSurvey(ctx, typed("m:1", "满意"))
		require.NoError(t, err)
		require.True(t, ok, "the survey is no question for the bot now that it is answered")
		require.Equal(t, first.Reply, again.Reply, "the first may have been lost on the wire")
		require.Equal(t, 2, again.Attempts)
	})
}

func TestAnAnswerToASurveyPushedByTwoAttemptsAtOnceIsTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := poll(t, s)
		var wg sync.WaitGroup
		replies := make([]string, 8)
		for i := range replies {
			wg.Go(func() {
				l, ok, err := p.surveyor.AnswerSurvey(context.Background(), typed("m:1", "不满意"))
				if err != nil || !ok {
					t.Errorf("answer: %v %v", ok, err)
				}
				replies[i] = l.Reply
			})
		}
		wg.Wait()
		for _, r := range replies {
			require.Equal(t, replies[0], r)
		}
		require.Contains(t, replies[0], "已升级督办")
		require.Equal(t, tickets.Escalated, p.state(t))
	})
}

func TestWhatWasTakenForAMessageIsNoAnswerToALaterSurvey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		in := channels.Inbound{Channel: wechat.Channel, Account: "main", From: "resident", ExternalID: "m:0", Kind: channels.Text, Text: "满意",
			Line: &channels.Line{Kind: "text", Trigger: string(wechat.ByMessage)}}
		_, _, err := s.Receive(ctx, in)
		require.NoError(t, err)
		p := poll(t, s)
		_, ok, err := p.surveyor.AnswerSurvey(ctx, typed("m:0", "满意"))
		require.NoError(t, err)
		require.False(t, ok)
		require.Equal(t, tickets.Settled, p.state(t))
		l, err := s.Line(ctx, "main", "resident", "m:0")
		require.NoError(t, err)
		require.Equal(t, 1, l.Attempts, "who asked in vain counts nothing")
	})
}
