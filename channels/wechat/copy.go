package wechat

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"quandesk/channels"
)

// Fetcher downloads what residents sent. Client is one.
type Fetcher interface {
	Download(ctx context.Context, a Account, mediaID string) (Media, error)
}

// Hearer puts a recording into words.
type Hearer interface {
	Hear(ctx context.Context, recording Media) (string, error)
}

// Shelf keeps files. channels.Images is one.
type Shelf interface {
	Put(ctx context.Context, r io.Reader) (channels.Attachment, error)
	Keep(kind string, data []byte) (channels.Attachment, error)
}

// Found is a file of a resident that is still at WeChat.
type Found struct {
	ID             int64
	MessageID      int64
	ConversationID int64
	Account        string
	MediaID        string
	Kind           channels.Kind
	Hear           bool // it is put into words before it is answered
	Tries          int
	Since          time.Time
}

// CopyStore says which files have yet to be copied.
type CopyStore interface {
	// TakeMedia gives out files that are due, to one process each; what is not
	// reported is due again after lease.
	TakeMedia(ctx context.Context, n int, lease time.Duration) ([]Found, error)
	// KeepCopy adds the copy to its message, with what was heard in it.
	KeepCopy(ctx context.Context, f Found, a channels.Attachment, words string) error
	// PutOffCopy has a file tried again later.
	PutOffCopy(ctx context.Context, f Found, after time.Duration) error
	// LoseCopy gives a file up, and tells colleagues.
	LoseCopy(ctx context.Context, f Found, why string) error
}

// Copier copies what residents sent before WeChat forgets it.
type Copier struct {
	Accounts *Accounts
	Fetch    Fetcher
	Hear     Hearer // nil: nobody listens, colleagues do
	Shelf    Shelf
	Store    CopyStore
	Now      func() time.Time
	Log      *slog.Logger
}

const (
	copyEvery  = 500 * time.Millisecond
	copyBatch  = 4
	copyLease  = 40 * time.Second
	copyWithin = 20 * time.Second // for one file
	hearWithin = 8 * time.Second
	mediaLives = 3 * 24 * time.Hour // at WeChat
	firstPause = 5 * time.Second
	longPause  = time.Hour
)

// Run copies until ctx ends.
func (c *Copier) Run(ctx context.Context) {
	tick := time.NewTicker(copyEvery)
	defer tick.Stop()
	for {
		if err := c.round(ctx); err != nil && ctx.Err() == nil {
			c.Log.Warn("files of residents not copied", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (c *Copier) round(ctx context.Context) error {
	list, err := c.Store.TakeMedia(ctx, copyBatch, copyLease)
	for _, f := range list {
		err = errors.Join(err, c.copy(ctx, f))
	}
	return err
}

// copy copies one file; whatever goes wrong with it is stored with it.
func (c *Copier) copy(ctx context.Context, f Found) error {
	ctx, cancel := context.WithTimeout(ctx, copyWithin)
	defer cancel()
	a, ok := c.Accounts.ByName(f.Account)
	if !ok {
		return c.later(ctx, f, "account")
	}
	m, err := c.Fetch.Download(ctx, a, f.MediaID)
	switch {
	case errors.Is(err, channels.ErrTooBig), errors.Is(err, ErrMedia):
		return c.Store.LoseCopy(ctx, f, "kind")
	case ClassOf(err) == MediaExpired:
		return c.Store.LoseCopy(ctx, f, "expired")
	case err != nil:
		return c.later(ctx, f, "fetch")
	}
	kept, err := c.keep(ctx, m)
	switch {
	case errors.Is(err, channels.ErrTooBig), errors.Is(err, channels.ErrNotImage), errors.Is(err, channels.ErrNotRecording):
		return c.Store.LoseCopy(ctx, f, "kind")
	case err != nil:
		return c.later(ctx, f, "disk")
	}
	return c.Store.KeepCopy(ctx, f, kept, c.words(ctx, f, m))
}

func (c *Copier) keep(ctx context.Context, m Media) (channels.Attachment, error) {
	if strings.HasPrefix(m.Type, "image/") {
		return c.Shelf.Put(ctx, bytes.NewReader(m.Data))
	}
	return c.Shelf.Keep(m.Type, m.Data)
}

// words is what is heard in a recording; nothing when nobody listens or it
// took too long: the resident is then asked to write.
func (c *Copier) words(ctx context.Context, f Found, m Media) string {
	if c.Hear == nil || !f.Hear || !strings.HasPrefix(m.Type, "audio/") {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, hearWithin)
	defer cancel()
	words, err := c.Hear.Hear(ctx, m)
	if err != nil {
		c.Log.Warn("recording not understood", "message", f.MessageID)
		return ""
	}
	return strings.TrimSpace(cutRunes(channels.Sanitize(words), channels.MaxText))
}

// later tries again after a pause that grows, as long as WeChat keeps the file.
func (c *Copier) later(ctx context.Context, f Found, why string) error {
	if c.Now().Sub(f.Since) > mediaLives {
		return c.Store.LoseCopy(ctx, f, why)
	}
	c.Log.Warn("file of a resident not copied yet", "message", f.MessageID, "why", why, "tries", f.Tries)
	return c.Store.PutOffCopy(ctx, f, min(firstPause<<min(f.Tries, 12), longPause))
}
