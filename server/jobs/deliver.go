package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"quandesk/channels"
	"quandesk/server/store"
)

// Deliverer hands messages to the channels that push. What may have been
// sent is never sent again: a person sees that it is unknown.
type Deliverer struct {
	Store    *store.Store
	Adapters []channels.Adapter
	Log      *slog.Logger
}

type deliverWorker struct {
	river.WorkerDefaults[DeliverArgs]
	deliverer *Deliverer
}

// Work implements river.Worker.
func (w *deliverWorker) Work(ctx context.Context, job *river.Job[DeliverArgs]) error {
	held, err := w.deliverer.Store.Held(ctx, job.Args.MessageID)
	if err != nil {
		return err
	}
	if held > 0 {
		return river.JobSnooze(held) // whoever holds the line may take it along
	}
	return w.deliverer.Deliver(ctx, job.Args.MessageID)
}

// NextRetry implements river.Worker.
func (w *deliverWorker) NextRetry(job *river.Job[DeliverArgs]) time.Time { return soon(job.Attempt) }

// leftWithin is how long storing how a delivery went may take.
const leftWithin = 5 * time.Second

// Deliver sends one message, at most once.
func (d *Deliverer) Deliver(ctx context.Context, messageID int64) error {
	m, c, ours, err := d.Store.Leave(ctx, messageID)
	if err != nil || !ours {
		return err
	}
	how := d.send(ctx, c, m)
	// The channel has it or not, whatever became of the job's own time.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leftWithin)
	defer cancel()
	return d.Store.LeftAs(ctx, m, how)
}

func (d *Deliverer) send(ctx context.Context, c channels.Conversation, m channels.Message) channels.Outcome {
	for _, a := range d.Adapters {
		if a.Channel() != c.Channel {
			continue
		}
		err := a.Deliver(ctx, c, m)
		var told *channels.Outcome
		switch {
		case err == nil:
			return channels.Outcome{Delivery: channels.Sent}
		case errors.As(err, &told):
			d.Log.Info("message not delivered", "message", m.ID, "channel", c.Channel, "now", told.Delivery, "why", told.Why)
			return *told
		case errors.Is(err, channels.ErrUndelivered):
			d.Log.Warn("message not delivered", "message", m.ID, "channel", c.Channel)
			return channels.Outcome{Delivery: channels.Failed}
		}
		d.Log.Warn("delivery in doubt", "message", m.ID, "channel", c.Channel)
		return channels.Outcome{Delivery: channels.Unknown}
	}
	d.Log.Error("no adapter for channel", "message", m.ID, "channel", c.Channel)
	return channels.Outcome{Delivery: channels.Failed, Why: "no_adapter"}
}
