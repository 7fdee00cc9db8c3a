package jobs

import (
	"context"
	"errors"
	"fmt"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/server/store"
	"quandesk/tickets"
)

// Surveyor asks residents of WeChat whether they are satisfied, and takes
// their answers.
type Surveyor struct {
	Store *store.Store
	Desk  *tickets.Desk
}

// Ask asks about everything that was settled since.
func (v *Surveyor) Ask(ctx context.Context) error {
	_, err := v.Store.AskSurveys(ctx)
	return err
}

const (
	surveyThanks   = "感谢您的评价！工单%s已按您的意见结案。如有新的问题，直接写下来就可以。"
	surveySorry    = "很抱歉没有让您满意。工单%s已升级督办，会重新办理并再次与您联系。您也可以写下不满意的原因，我们一并转达。"
	surveyNoted    = "感谢您的评价，已经记下。"
	surveyRepeated = "您已经评价过这张工单，谢谢！如有新的问题，直接写下来就可以。"
)

// AnswerSurvey takes a tap on the menu of a survey or a typed answer, and
// records it with its push in one transaction: a crash leaves both or neither,
// and every attempt of the push gets the same reply. ok is false when it is no
// answer to a survey. What the resident says is the callback of clause 11.4:
// satisfied closes the ticket, dissatisfied escalates it; a ticket that has
// moved on meanwhile stays as it is.
func (v *Surveyor) AnswerSurvey(ctx context.Context, t wechat.Tap) (l wechat.Line, ok bool, err error) {
	if !t.Answers() {
		return l, false, nil
	}
	l, _, err = v.Store.HappenAnd(ctx, t.Happening, func(ctx context.Context, s *store.Store, h *wechat.Happening) error {
		say, err := v.take(ctx, s, t)
		if err != nil || t.Body == nil {
			return err
		}
		h.Say = say
		h.Reply, err = t.Body(say)
		return err
	})
	switch {
	case errors.Is(err, channels.ErrNotFound):
		return wechat.Line{}, false, nil
	case err != nil:
		return wechat.Line{}, false, fmt.Errorf("answer survey: %w", err)
	}
	return l, true, nil
}

// take stores the answer and says what to tell the resident.
// channels.ErrNotFound when no survey of theirs is meant.
func (v *Surveyor) take(ctx context.Context, s *store.Store, t wechat.Tap) (say string, err error) {
	survey, answer, ok, err := s.FindSurvey(ctx, t.Account, t.From, t.Item, t.Text)
	if err == nil && !ok {
		err = channels.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	first, err := s.TakeSurvey(ctx, survey.ID, answer)
	switch {
	case err != nil:
		return "", err
	case !first:
		return surveyRepeated, nil
	}
	return v.answered(ctx, s, survey, answer)
}

func (v *Surveyor) answered(ctx context.Context, s *store.Store, survey store.Survey, answer int) (string, error) {
	chosen := wechat.SurveyAnswers[answer-1]
	r := tickets.CallbackResult{Verdict: tickets.CallbackSatisfied, Words: chosen.Words}
	r.Process = []tickets.Rating{tickets.Good, tickets.Fair, tickets.Poor}[answer-1]
	r.Outcome = r.Process // one question about both
	words := surveyThanks
	if !chosen.Satisfied {
		r.Verdict, r.Reason, words = tickets.CallbackDissatisfied, "居民在微信满意度调查中选择“不满意”", surveySorry
	}
	change := tickets.Change{By: tickets.Actor{Kind: tickets.ByCustomer}, No: survey.TicketNo,
		Scope: tickets.Scope{ConversationID: survey.ConversationID}}
	_, err := v.Desk.On(s).Survey(ctx, change, wechat.Channel, r)
	switch {
	case errors.Is(err, tickets.ErrState), errors.Is(err, tickets.ErrNotFound):
		return surveyNoted, nil
	case err != nil:
		return "", err
	}
	return fmt.Sprintf(words, survey.TicketNo), nil
}
