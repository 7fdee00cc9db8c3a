package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"quandesk/channels"
)

const (
	uploadCall   = "/cgi-bin/media/upload"
	downloadCall = "/cgi-bin/media/get"

	// mediaKept is how long an uploaded file is used again: WeChat keeps it
	// three days.
	mediaKept = 70 * time.Hour
	// MaxMedia is how much is fetched of what a resident sent: WeChat takes
	// 10 MB.
	MaxMedia = 10 << 20
	// maxUpload is what the documents promise everywhere for an image.
	maxUpload = 2 << 20
)

// Files opens an image of ours.
type Files interface {
	OpenFile(id string) (io.ReadCloser, error)
}

// MediaBook remembers what was uploaded.
type MediaBook interface {
	Media(ctx context.Context, account, attachmentID string) (mediaID string, err error) // "" when there is none
	KeepMedia(ctx context.Context, account, attachmentID, mediaID string, until time.Time) error
}

// Media is a file a resident sent.
type Media struct {
	Type string // by its first bytes: image/jpeg, audio/amr, audio/speex, audio/mpeg, video/mp4…
	Data []byte
}

// ErrMedia is returned for a file that is none of the kinds residents send.
var ErrMedia = errors.New("wechat: not a file of a known kind")

// Download fetches a file that a resident sent; WeChat keeps it three days.
// A file of more than MaxMedia bytes is channels.ErrTooBig.
func (c *Client) Download(ctx context.Context, a Account, mediaID string) (Media, error) {
	var out Media
	err := c.withToken(ctx, a, downloadCall, func(ctx context.Context, token string) error {
		r := request{method: http.MethodGet, query: url.Values{"access_token": {token}, "media_id": {mediaID}}}
		data, err := c.exchange(ctx, downloadCall, c.base+downloadCall, r, MaxMedia)
		if err != nil {
			return err
		}
		if kind := sniff(data); kind != "" {
			out = Media{kind, data}
			return nil
		}
		return c.indirect(ctx, data, &out)
	})
	if errors.Is(err, errHuge) {
		err = channels.ErrTooBig
	}
	return out, err
}

// indirect reads an answer that is no file: an error, or where a video is.
func (c *Client) indirect(ctx context.Context, text []byte, out *Media) error {
	if !json.Valid(text) {
		return ErrMedia
	}
	var got struct {
		VideoURL string `json:"video_url"`
	}
	if err := readAnswer(downloadCall, text, &got); err != nil {
		return err
	}
	address, err := c.mediaAddress(got.VideoURL)
	if err != nil {
		return err
	}
	data, err := c.exchange(ctx, downloadCall, address, request{method: http.MethodGet, named: true}, MaxMedia)
	if err != nil {
		return err
	}
	kind := sniff(data)
	if !strings.HasPrefix(kind, "video/") {
		return ErrMedia
	}
	*out = Media{kind, data}
	return nil
}

// mediaAddress refuses addresses that are not WeChat's: what an answer names
// must not make us call anywhere.
func (c *Client) mediaAddress(address string) (string, error) {
	u, err := url.Parse(address)
	base, baseErr := url.Parse(c.base)
	if err != nil || baseErr != nil || u.Host == "" || u.User != nil {
		return "", ErrMedia
	}
	if u.Host == base.Host && u.Scheme == base.Scheme {
		return u.String(), nil
	}
	host := strings.ToLower(u.Hostname())
	theirs := strings.HasSuffix(host, ".qq.com") || strings.HasSuffix(host, ".weixin.qq.com") || strings.HasSuffix(host, ".qpic.cn")
	if !theirs || u.Scheme != "http" && u.Scheme != "https" || u.Port() != "" {
		return "", ErrMedia
	}
	return u.String(), nil
}

// sniff knows a file by its first bytes, whatever its name and its header say.
func sniff(data []byte) string {
	for _, k := range []struct{ magic, kind string }{
		{"\xff\xd8\xff", "image/jpeg"}, {"\x89PNG\r\n\x1a\n", "image/png"}, {"GIF8", "image/gif"},
		{"#!AMR", "audio/amr"}, {"#!SILK", "audio/silk"}, {"\x02#!SILK", "audio/silk"},
		{"ID3", "audio/mpeg"}, {"\xff\xfb", "audio/mpeg"}, {"\xff\xf3", "audio/mpeg"}, {"OggS", "audio/ogg"}, {"Speex", "audio/speex"},
	} {
		if bytes.HasPrefix(data, []byte(k.magic)) {
			return k.kind
		}
	}
	switch {
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return "image/webp"
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WAVE":
		return "audio/wav"
	case len(data) > 12 && string(data[4:8]) == "ftyp":
		return "video/mp4"
	}
	return ""
}

// Upload gives WeChat an image and returns its number there.
func (c *Client) Upload(ctx context.Context, a Account, name, kind string, data []byte) (string, error) {
	if len(data) > maxUpload {
		return "", channels.ErrTooBig
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("media", name)
	if err == nil {
		_, err = part.Write(data)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return "", fmt.Errorf("wechat: write a form: %w", err)
	}
	var got struct {
		MediaID string `json:"media_id"`
	}
	err = c.withToken(ctx, a, uploadCall, func(ctx context.Context, token string) error {
		return c.answer(ctx, uploadCall, request{
			method: http.MethodPost, query: url.Values{"access_token": {token}, "type": {kind}},
			body: b.Bytes(), kind: w.FormDataContentType(),
		}, &got)
	})
	if err == nil && got.MediaID == "" {
		err = &Error{Call: uploadCall, Class: Busy}
	}
	if ClassOf(err) == Doubtful { // a file that is there and not used harms nobody
		err = &Error{Call: uploadCall, Class: Busy}
	}
	return got.MediaID, err
}

// imagePayload is an image of ours as a message: uploaded, or still there.
func (s *Sender) imagePayload(ctx context.Context, a Account, file channels.Attachment) (payload, error) {
	p := payload{kind: "image", text: file.ID}
	if s.media != nil {
		id, err := s.media.Media(ctx, a.Name, file.ID)
		if err == nil && id != "" {
			p.body = map[string]any{"media_id": id}
			return p, nil
		}
	}
	id, err := s.upload(ctx, a, file.ID)
	p.body = map[string]any{"media_id": id}
	return p, err
}

func (s *Sender) upload(ctx context.Context, a Account, fileID string) (string, error) {
	if s.files == nil {
		return "", &Error{Call: uploadCall, Class: OtherError}
	}
	f, err := s.files.OpenFile(fileID)
	if err != nil {
		return "", &Error{Call: uploadCall, Class: OtherError}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, channels.MaxImage+1))
	if err != nil {
		return "", &Error{Call: uploadCall, Class: Busy}
	}
	if len(data) > maxUpload {
		if data, err = channels.Fit(data, maxUpload); err != nil {
			return "", &Error{Call: uploadCall, Class: TooLong}
		}
	}
	name := "image.jpg"
	if sniff(data) == "image/png" {
		name = "image.png"
	}
	id, err := s.client.Upload(ctx, a, name, "image", data)
	if errors.Is(err, channels.ErrTooBig) {
		return "", &Error{Call: uploadCall, Class: TooLong}
	}
	if err == nil && s.media != nil {
		_ = s.media.KeepMedia(ctx, a.Name, fileID, id, s.client.now().Add(mediaKept)) // uploaded anew next time
	}
	return id, err
}

// imageAgain uploads an image anew whose number WeChat does not know any more.
func (s *Sender) imageAgain(ctx context.Context, a Account, openid string, m channels.Message, p payload) error {
	id, err := s.upload(ctx, a, p.text)
	if err != nil {
		return err
	}
	p.body = map[string]any{"media_id": id}
	return s.call(ctx, a, openid, m, p)
}
