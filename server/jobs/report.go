package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"quandesk/channels/hotline12345"
	"quandesk/server/store"
	"quandesk/tickets"
)

// Platform is the endpoint of 12345.
type Platform interface {
	Send(ctx context.Context, o hotline12345.Outward) hotline12345.Answer
	// Ask asks what has become of a message that may have been sent.
	Ask(ctx context.Context, key string) hotline12345.Answer
}

// Reporter tells 12345 what was done with its orders. What it may have is
// asked about before it is sent again (F04 k12), so that no reply is given
// twice; how often a message is tried is not bounded, only ever more seldom.
type Reporter struct {
	Store    *store.Store
	Desk     *tickets.Desk
	Platform Platform
	Log      *slog.Logger
}

type reportWorker struct {
	river.WorkerDefaults[ReportArgs]
	reporter *Reporter
}

// Work implements river.Worker.
func (w *reportWorker) Work(ctx context.Context, job *river.Job[ReportArgs]) error {
	if w.reporter == nil || w.reporter.Platform == nil {
		return nil // people report
	}
	return w.reporter.Report(ctx, job.Args.OutwardID)
}

// NextRetry implements river.Worker.
func (w *reportWorker) NextRetry(job *river.Job[ReportArgs]) time.Time { return soon(job.Attempt) }

// platform is who says that it has a message.
var platform = tickets.Actor{Kind: tickets.By12345, Name: "12345平台"}

const (
	firstPause   = 5 * time.Second
	longestPause = 30 * time.Minute
)

// pause is how long to wait after so many tries.
func pause(attempts int) time.Duration {
	return min(firstPause<<min(max(attempts, 1)-1, 10), longestPause)
}

// Report sends one message, or asks what has become of it.
func (r *Reporter) Report(ctx context.Context, id int64) error {
	o, ours, err := r.Store.Depart(ctx, id)
	if err != nil || !ours {
		return err
	}
	answer := r.exchange(ctx, o)
	// The platform has it or not, whatever became of the job's own time.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leftWithin)
	defer cancel()
	return r.settle(ctx, o, answer)
}

// exchange asks first where the platform may have the message.
func (r *Reporter) exchange(ctx context.Context, o hotline12345.Outward) hotline12345.Answer {
	if o.Doubt {
		if known := r.Platform.Ask(ctx, o.Key); known.Result != hotline12345.Absent {
			return known
		}
	}
	return r.Platform.Send(ctx, o)
}

// settle writes what is known now.
func (r *Reporter) settle(ctx context.Context, o hotline12345.Outward, a hotline12345.Answer) error {
	next := r.Store.Now().Add(pause(o.Attempts + 1))
	switch a.Result {
	case hotline12345.Taken, hotline12345.Declined:
		err := r.tell(ctx, o, a)
		var closed *tickets.InputError
		if errors.As(err, &closed) {
			return nil // somebody has reported it by hand meanwhile
		}
		return err // still sending: it will be asked about
	case hotline12345.Failed:
		r.Log.Warn("report to 12345 failed", "message", o.ID, "act", o.Act, "attempts", o.Attempts+1)
		return r.Store.PutOff(ctx, o, hotline12345.Pending, a.Reason, next)
	}
	r.Log.Warn("report to 12345 in doubt", "message", o.ID, "act", o.Act, "attempts", o.Attempts+1)
	return r.Store.PutOff(ctx, o, hotline12345.Unknown, a.Reason, next)
}

// tell makes it an event of the ticket, which closes the message.
func (r *Reporter) tell(ctx context.Context, o hotline12345.Outward, a hotline12345.Answer) error {
	change := tickets.Change{By: platform, Scope: tickets.Everything, No: o.TicketNo}
	_, err := r.Desk.Make(ctx, change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		if a.Result == hotline12345.Declined {
			return t.Refused(platform, o.Act, o.Round, a.Reason, at)
		}
		return t.Report(platform, o.Act, o.Round, tickets.ByConnection, at)
	})
	return err
}
