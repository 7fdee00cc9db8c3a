package jobs

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"quandesk/channels"
	"quandesk/server/store"
)

// giveUp calls a person to a conversation that could not be answered in all
// the tries of its job. What fails is left unanswered: whoever comes sees it.
type giveUp struct {
	store *store.Store
	log   *slog.Logger
}

// calling is how long calling a person may take.
const calling = 5 * time.Second

// HandleError implements river.ErrorHandler.
func (g *giveUp) HandleError(ctx context.Context, job *rivertype.JobRow, _ error) *river.ErrorHandlerResult {
	g.after(ctx, job)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (g *giveUp) HandlePanic(ctx context.Context, job *rivertype.JobRow, _ any, _ string) *river.ErrorHandlerResult {
	g.after(ctx, job)
	return nil
}

func (g *giveUp) after(ctx context.Context, job *rivertype.JobRow) {
	var args AnswerArgs
	if job.Kind != args.Kind() || job.Attempt < job.MaxAttempts {
		return
	}
	if err := json.Unmarshal(job.EncodedArgs, &args); err != nil {
		g.log.Error("read job", "job", job.ID, "error", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), calling)
	defer cancel()
	if err := g.call(ctx, args.ConversationID); err != nil {
		g.log.Error("conversation not answered and nobody called", "conversation", args.ConversationID, "error", err)
	}
}

func (g *giveUp) call(ctx context.Context, conversationID int64) error {
	return g.store.Atomically(ctx, func(s *store.Store) error {
		c, err := s.Conversation(ctx, channels.Scope{All: true}, conversationID)
		if err != nil || c.State != channels.WithBot {
			return err
		}
		return s.CallPerson(ctx, conversationID, false)
	})
}

// soon is when a job is tried again: 2, 4, 8 and 16 seconds later. River's own
// pauses grow to minutes, in which a resident waits for nothing.
func soon(attempt int) time.Time {
	return time.Now().Add(time.Duration(1<<attempt) * time.Second)
}
