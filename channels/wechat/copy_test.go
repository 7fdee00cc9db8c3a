package wechat

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
)

// copies is a store that notes what became of a file.
type copies struct {
	due  []Found
	kept []channels.Attachment
	said []string
	off  []time.Duration
	lost []string
}

func (s *copies) TakeMedia(context.Context, int, time.Duration) ([]Found, error) {
	list := s.due
	s.due = nil
	return list, nil
}

func (s *copies) KeepCopy(_ context.Context, _ Found, a channels.Attachment, words string) error {
	s.kept, s.said = append(s.kept, a), append(s.said, words)
	return nil
}

func (s *copies) PutOffCopy(_ context.Context, _ Found, after time.Duration) error {
	s.off = append(s.off, after)
	return nil
}

func (s *copies) LoseCopy(_ context.Context, _ Found, why string) error {
	s.lost = append(s.lost, why)
	return nil
}

type fetched struct {
	Media
	err error
}

func (f fetched) Download(context.Context, Account, string) (Media, error) { return f.Media, f.err }

type listener struct {
	words string
	err   error
}

func (l listener) Hear(context.Context, Media) (string, error) { return l.words, l.err }

func drawn(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))))
	return b.Bytes()
}

func TestRequirement27WhatResidentsSendIsCopiedOnce(t *testing.T) {
	now := time.Unix(1714112445, 0)
	amr := Media{Type: "audio/amr", Data: []byte("#!AMR\n...")}
	for _, c := range []struct {
		name   string
		fetch  fetched
		hear   Hearer
		change func(*Found)
		want   copies // what happened, in numbers
		words  string
	}{
		{name: "an image", fetch: fetched{Media: Media{Type: "image/png", Data: drawn(t)}}, want: copies{kept: make([]channels.Attachment, 1)}},
		{name: "a voice, nobody listens", fetch: fetched{Media: amr}, want: copies{kept: make([]channels.Attachment, 1)}},
		{name: "a voice, heard", fetch: fetched{Media: amr}, hear: listener{words: "家里没水了 \x02"}, words: "家里没水了 \uFFFD", want: copies{kept: make([]channels.Attachment, 1)}},
		{name: "a voice that came with its words", fetch: fetched{Media: amr}, hear: listener{words: "x"}, change: func(f *Found) { f.Hear = false }, want: copies{kept: make([]channels.Attachment, 1)}},
		{name: "a voice nobody understands", fetch: fetched{Media: amr}, hear: listener{err: errors.New("noise")}, want: copies{kept: make([]channels.Attachment, 1)}},
		{name: "a file that only says it is an image", fetch: fetched{Media: Media{Type: "image/png", Data: []byte("<svg>")}}, want: copies{lost: make([]string, 1)}},
		{name: "an unknown kind", fetch: fetched{err: ErrMedia}, want: copies{lost: make([]string, 1)}},
		{name: "too big", fetch: fetched{err: channels.ErrTooBig}, want: copies{lost: make([]string, 1)}},
		{name: "expired", fetch: fetched{err: &Error{Class: MediaExpired}}, want: copies{lost: make([]string, 1)}},
		{name: "busy", fetch: fetched{err: &Error{Class: Busy}}, want: copies{off: make([]time.Duration, 1)}},
		{name: "busy for three days", fetch: fetched{err: &Error{Class: Busy}}, change: func(f *Found) { f.Since = now.Add(-73 * time.Hour) }, want: copies{lost: make([]string, 1)}},
		{name: "an account that is not there now", change: func(f *Found) { f.Account = "gone" }, want: copies{off: make([]time.Duration, 1)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			shelf, err := channels.NewImages(t.TempDir())
			require.NoError(t, err)
			defer shelf.Close()
			f := Found{ID: 1, MessageID: 2, Account: "main", MediaID: "m", Kind: channels.Voice, Hear: true, Tries: 1, Since: now}
			if c.change != nil {
				c.change(&f)
			}
			s := &copies{due: []Found{f}}
			copier := &Copier{Accounts: NewAccounts(good("main")), Fetch: c.fetch, Hear: c.hear, Shelf: shelf, Store: s,
				Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
			require.NoError(t, copier.round(t.Context()))
			require.Len(t, s.kept, len(c.want.kept))
			require.Len(t, s.off, len(c.want.off))
			require.Len(t, s.lost, len(c.want.lost))
			if len(s.kept) == 1 {
				require.Equal(t, c.words, s.said[0])
				file, err := shelf.Open(s.kept[0].ID)
				require.NoError(t, err)
				file.Close()
			}
		})
	}
}
