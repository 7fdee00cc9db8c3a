package web

import (
	"context"
	"time"

	"quandesk/kb"
)

type gapBody struct {
	ID         int64     `json:"id" doc:"这一组的编号"`
	Count      int       `json:"count"`
	Unanswered int       `json:"unanswered" doc:"没有答上的次数"`
	Down       int       `json:"down" doc:"被点“没帮上忙”的次数"`
	Questions  []string  `json:"questions" nullable:"false" doc:"不同的问法，新的在前"`
	ArticleID  string    `json:"article_id,omitempty" doc:"由它写成的条目"`
	NewestAt   time.Time `json:"newest_at"`
}

type gapsInput struct {
	State string `query:"state" enum:"open,covered,dismissed" default:"open"`
}

type gapsOutput struct {
	Body struct {
		Gaps []gapBody `json:"gaps" nullable:"false"`
	}
}

func (s *Site) listGaps(ctx context.Context, in *gapsInput) (*gapsOutput, error) {
	groups, err := s.Knowledge.Gaps(ctx, kb.QuestionState(in.State))
	if err != nil {
		return nil, err
	}
	out := &gapsOutput{}
	out.Body.Gaps = make([]gapBody, 0, len(groups))
	for _, g := range groups {
		b := gapBody{ID: g.Key(), Count: len(g.Questions), Unanswered: g.Unanswered, Down: g.Down,
			Questions: append([]string{}, g.Wordings(20)...), NewestAt: beijing(g.Newest().AskedAt)}
		for _, q := range g.Questions {
			b.ArticleID = orElse(b.ArticleID, q.DraftID)
		}
		out.Body.Gaps = append(out.Body.Gaps, b)
	}
	return out, nil
}

type gapMoveInput struct {
	ID   int64  `path:"id" minimum:"0"`
	Move string `path:"move" maxLength:"20"`
}

type gapMoveOutput struct {
	Body struct {
		ArticleID string `json:"article_id,omitempty"`
		Asked     int    `json:"asked,omitempty"`
		Covered   int    `json:"covered,omitempty"`
	}
}

func (s *Site) moveGap(ctx context.Context, in *gapMoveInput) (*gapMoveOutput, error) {
	by, out := callOf(ctx).editor(), &gapMoveOutput{}
	var err error
	switch in.Move {
	case "write":
		var e kb.Entry
		e, err = s.Knowledge.WriteUp(ctx, by, in.ID)
		out.Body.ArticleID = e.ID
	case "retest":
		out.Body.Asked, out.Body.Covered, err = s.Knowledge.Retest(ctx, by, in.ID)
	case "dismiss":
		err = s.Knowledge.Dismiss(ctx, by, in.ID)
	default:
		err = kb.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

type feedbackInput struct {
	ID   int64 `path:"id" minimum:"0"`
	Body struct {
		Vote string `json:"vote" enum:"down" doc:"没帮上忙"`
	}
}

func (s *Site) feedback(ctx context.Context, in *feedbackInput) (*doneOutput, error) {
	return done(), s.Feedback.Downvote(ctx, callOf(ctx).visitor.ConversationID, in.ID)
}
