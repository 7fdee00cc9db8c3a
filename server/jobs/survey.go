package jobs

import (
	"context"
	"errors"
	"fmt"

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

// AnswerSurvey takes a tap on the menu of a survey (its item) or a typed
// answer. ok is false when it is no answer to a survey. What the resident says
// is the callback of clause 11.4: satisfied closes the ticket, dissatisfied
// escalates it; a ticket that has moved on meanwhile stays as it is.
func (v *Surveyor) AnswerSurvey(ctx context.Context, account, openid, item, text string) (say string, ok bool, err error) {
	survey, answer, ok, err := v.Store.FindSurvey(ctx, account, openid, item, text)
	if err != nil || !ok {
		return "", false, err
	}
	err = v.Store.Atomically(ctx, func(s *store.Store) error {
		first, err := s.TakeSurvey(ctx, survey.ID, answer)
		if err != nil {
			return err
		}
		if !first {
			say = surveyRepeated
			return nil
		}
		say, err = v.answered(ctx, s, survey, answer)
		return err
	})
	if err != nil {
		return "", false, fmt.Errorf("answer survey: %w", err)
	}
	return say, true, nil
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
