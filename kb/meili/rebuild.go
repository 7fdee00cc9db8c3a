package meili

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/meilisearch/meilisearch-go"
)

const (
	batch   = 500                   // documents in one task
	pollMin = 10 * time.Millisecond // between looks at a task, doubled each time
	pollMax = 500 * time.Millisecond
	// abandoned is the age from which an index under construction is nobody's:
	// far more than any rebuild may take in any process.
	abandoned = time.Hour
)

// rebuild fills a fresh index and swaps it with the one that is searched, so
// that searches see the old content or the new one. Several processes may do
// so at once: each has its own fresh index, and the last swap wins.
func (x *Index) rebuild(ctx context.Context, c *content) error {
	if err := x.sweep(ctx); err != nil {
		return err
	}
	fresh := x.underConstruction() + strconv.FormatInt(x.now().Unix(), 10) + "_" + strings.ToLower(rand.Text()[:8])
	err := x.fill(ctx, fresh, c)
	if err == nil {
		err = x.swap(ctx, fresh)
	}
	if err != nil {
		x.abandon(ctx, fresh)
		return err
	}
	// Now the fresh name holds the old content. If deleting it fails, only its
	// space is wasted until a later rebuild sweeps it.
	if err := x.drop(ctx, fresh); err != nil {
		x.log.Debug("meilisearch index left behind", "reason", err)
	}
	return nil
}

// abandon asks the server to delete an index that will not be searched, and
// does not wait: ctx may be over and the server stuck. It works off its tasks
// in order, so even after a swap that comes late the name holds what may go.
func (x *Index) abandon(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), aliveWithin)
	defer cancel()
	if _, err := x.client.DeleteIndexWithContext(ctx, name); err != nil {
		x.log.Debug("meilisearch index left behind", "reason", plain(err))
	}
}

func (x *Index) underConstruction() string { return x.name + "_next_" }

// fill makes an index with all settings and documents.
func (x *Index) fill(ctx context.Context, name string, c *content) error {
	if err := x.create(ctx, name); err != nil {
		return err
	}
	index := x.client.Index(name)
	err := x.await(ctx)(index.UpdateSettingsWithContext(ctx, x.settings))
	if refused(err) {
		err = x.await(ctx)(index.UpdateSettingsWithContext(ctx, withoutLocales(x.settings)))
	}
	if err != nil {
		return fmt.Errorf("apply settings: %w", err)
	}
	for from := 0; from < len(c.documents); from += batch {
		part := c.documents[from:min(from+batch, len(c.documents))]
		if err := x.await(ctx)(index.AddDocumentsWithContext(ctx, part, nil)); err != nil {
			return fmt.Errorf("add documents: %w", err)
		}
	}
	return nil
}

func (x *Index) create(ctx context.Context, name string) error {
	err := x.await(ctx)(x.client.CreateIndexWithContext(ctx, &meilisearch.IndexConfig{Uid: name, PrimaryKey: "id"}))
	if err != nil {
		return fmt.Errorf("create index: %w", err)
	}
	return nil
}

// swap makes the fresh index the one that is searched. A swap needs both.
func (x *Index) swap(ctx context.Context, fresh string) error {
	if _, err := x.client.Index(x.name).GetStatsWithContext(ctx, nil); missing(err) {
		// Another process may be creating it too; then only one succeeds.
		if err := x.create(ctx, x.name); err != nil && !errors.Is(err, errTask) {
			return err
		}
	}
	both := []*meilisearch.SwapIndexesParams{{Indexes: []string{x.name, fresh}}}
	if err := x.await(ctx)(x.client.SwapIndexesWithContext(ctx, both)); err != nil {
		return fmt.Errorf("swap indexes: %w", err)
	}
	return nil
}

func (x *Index) drop(ctx context.Context, name string) error {
	if err := x.await(ctx)(x.client.DeleteIndexWithContext(ctx, name)); err != nil {
		return fmt.Errorf("delete index: %w", err)
	}
	return nil
}

// sweep deletes what rebuilds that were cut off have left.
func (x *Index) sweep(ctx context.Context) error {
	stats, err := x.client.GetStatsWithContext(ctx, nil)
	if err != nil {
		return plain(err)
	}
	for name := range stats.Indexes {
		began, ours := strings.CutPrefix(name, x.underConstruction())
		began, _, _ = strings.Cut(began, "_")
		seconds, err := strconv.ParseInt(began, 10, 64)
		if !ours || err != nil || x.now().Sub(time.Unix(seconds, 0)) < abandoned {
			continue
		}
		if err := x.drop(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// await returns what waits for the task a call has enqueued.
func (x *Index) await(ctx context.Context) func(*meilisearch.TaskInfo, error) error {
	return func(task *meilisearch.TaskInfo, err error) error {
		if err != nil {
			return plain(err)
		}
		if task == nil || task.Status == "" {
			return errNonsense
		}
		ctx, cancel := context.WithTimeout(ctx, x.taskWithin)
		defer cancel()
		return x.watch(ctx, task.TaskUID)
	}
}

// watch asks for a task until it has ended well or badly or ctx is over. The
// library's own way takes a state it does not know for an end.
func (x *Index) watch(ctx context.Context, uid int64) error {
	for pause := pollMin; ; pause = min(2*pause, pollMax) {
		task, err := x.client.GetTaskWithContext(ctx, uid)
		if err != nil {
			return plain(err)
		}
		switch task.Status {
		case meilisearch.TaskStatusSucceeded:
			return nil
		case meilisearch.TaskStatusFailed, meilisearch.TaskStatusCanceled:
			return fmt.Errorf("%w: %s", errTask, code(task.Error.Code))
		case meilisearch.TaskStatusEnqueued, meilisearch.TaskStatusProcessing:
		default:
			return errNonsense
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return plain(ctx.Err())
		case <-timer.C:
		}
	}
}

// refused reports whether the server does not accept what it was sent.
func refused(err error) bool {
	var status statusError
	return errors.As(err, &status) && status.status == http.StatusBadRequest
}
