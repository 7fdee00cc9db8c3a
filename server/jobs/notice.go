package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"quandesk/channels/wechat"
	"quandesk/server/store"
)

// Notifier tells residents of WeChat who cannot be written to that something
// waits for them. A notice that a crash left goes on behind the way it was at.
type Notifier struct {
	Store  *store.Store
	Wechat *wechat.Notifier
	Log    *slog.Logger
}

type noticeWorker struct {
	river.WorkerDefaults[NoticeArgs]
	notifier *Notifier
}

// Work implements river.Worker.
func (w *noticeWorker) Work(ctx context.Context, job *river.Job[NoticeArgs]) error {
	if w.notifier == nil {
		return nil
	}
	return w.notifier.Notify(ctx, job.Args.NoticeID)
}

// NextRetry implements river.Worker.
func (w *noticeWorker) NextRetry(job *river.Job[NoticeArgs]) time.Time { return soon(job.Attempt) }

// Notify sends one notice, by the first way that works.
func (n *Notifier) Notify(ctx context.Context, id int64) error {
	notice, ours, err := n.Store.TakeNotice(ctx, id)
	if err != nil || !ours {
		return err
	}
	result, err := n.Wechat.Notify(ctx, notice)
	if err != nil {
		n.Log.Warn("notice not sent", "notice", id, "error", err)
		result.State, result.Why = wechat.NoticeFailed, "no_way"
	}
	n.Log.Info("notice", "notice", id, "now", result.State, "way", result.Way, "why", result.Why)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leftWithin)
	defer cancel()
	return n.Store.NoticeDone(ctx, notice, result)
}
