package wechat_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
)

const jpeg = "\xff\xd8\xff\xe0 a picture"

func TestRequirement27MediaAreKnownByTheirFirstBytesAndLimited(t *testing.T) {
	a := api(t)
	c := wechat.NewClient(wechat.ClientOptions{Base: a.URL})
	for name, x := range map[string]struct{ data, kind string }{
		"a photo": {jpeg, "image/jpeg"}, "a recording": {"#!AMR\n\x3c\x91", "audio/amr"}, "silk": {"\x02#!SILK_V3", "audio/silk"},
		"an mp3": {"ID3\x04", "audio/mpeg"}, "a video": {"\x00\x00\x00\x18ftypmp42 xx", "video/mp4"}, "a png": {"\x89PNG\r\n\x1a\n", "image/png"},
	} {
		a.PutMedia(name, []byte(x.data))
		got, err := c.Download(t.Context(), gongzhong, name)
		require.NoError(t, err, name)
		require.Equal(t, x.kind, got.Type)
		require.Equal(t, x.data, string(got.Data))
	}
	_, err := c.Download(t.Context(), gongzhong, "unknown")
	require.Equal(t, wechat.MediaExpired, wechat.ClassOf(err), "an error comes as JSON, whatever its type says")
	a.PutMedia("script", []byte("<html><script>"))
	_, err = c.Download(t.Context(), gongzhong, "script")
	require.ErrorIs(t, err, wechat.ErrMedia)
	a.PutMedia("huge", []byte(jpeg+strings.Repeat("x", wechat.MaxMedia)))
	_, err = c.Download(t.Context(), gongzhong, "huge")
	require.ErrorIs(t, err, channels.ErrTooBig)
}

func TestRequirement27AVideoIsFetchedFromItsAddressButOnlyFromWeChat(t *testing.T) {
	a := api(t)
	c := wechat.NewClient(wechat.ClientOptions{Base: a.URL})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("an address of an answer made us call elsewhere")
		_, _ = io.WriteString(w, "\x00\x00\x00\x18ftypmp42 xx")
	}))
	defer elsewhere.Close()
	for _, address := range []string{elsewhere.URL, "http://127.0.0.1/x", "http://[::1]/", "http://169.254.169.254/latest", "file:///etc/passwd",
		"http://user@mp.weixin.qq.com/", "http://evilqq.com/", "https://mp.weixin.qq.com:8443/x", "gopher://qq.com/"} {
		a.PutMedia("video", []byte(`{"video_url":"`+address+`"}`))
		_, err := c.Download(t.Context(), gongzhong, "video")
		require.ErrorIs(t, err, wechat.ErrMedia, address)
	}
}

// files is one image of ours.
type files struct{ opened int }

func (f *files) OpenFile(string) (io.ReadCloser, error) {
	f.opened++
	return io.NopCloser(strings.NewReader(jpeg)), nil
}

type uploads map[string]string

func (u uploads) Media(_ context.Context, account, id string) (string, error) {
	return u[account+id], nil
}

func (u uploads) KeepMedia(_ context.Context, account, id, media string, until time.Time) error {
	if time.Until(until) > 72*time.Hour || time.Until(until) < 48*time.Hour {
		return io.ErrUnexpectedEOF
	}
	u[account+id] = media
	return nil
}

func TestRequirement27AnImageIsUploadedOnceAndAgainWhenWeChatForgotIt(t *testing.T) {
	a := api(t)
	book := newMemory()
	book.free = true
	f, u := &files{}, uploads{}
	s := wechat.NewSender(wechat.NewClient(wechat.ClientOptions{Base: a.URL}), wechat.NewAccounts(gongzhong),
		wechat.SenderOptions{Book: book, Files: f, Media: u, Pauses: []time.Duration{}})
	image := channels.Message{ID: 1, Author: channels.FromStaff, Kind: channels.Image, Attachments: []channels.Attachment{{ID: "a1"}}}
	for range 2 {
		require.NoError(t, s.Deliver(t.Context(), conversation, image))
	}
	require.Len(t, a.Calls("/cgi-bin/media/upload"), 1)
	a.Force("/cgi-bin/message/custom/send", wechattest.Force{Code: 40007, Times: 1})
	require.NoError(t, s.Deliver(t.Context(), conversation, image))
	require.Len(t, a.Calls("/cgi-bin/media/upload"), 2)
	sent := a.Sent()
	require.Len(t, sent, 3)
	require.Equal(t, map[string]any{"media_id": u[gongzhong.Name+"a1"]}, sent[2].Body["image"])
}

func TestRequirement27AnImageThatIsTooBigForWeChatIsMadeSmaller(t *testing.T) {
	picture := noise(t, 1600, 1600)
	require.Greater(t, len(picture), 2<<20)
	a := api(t)
	book := newMemory()
	book.free = true
	s := wechat.NewSender(wechat.NewClient(wechat.ClientOptions{Base: a.URL}), wechat.NewAccounts(gongzhong),
		wechat.SenderOptions{Book: book, Files: kept(picture), Pauses: []time.Duration{}})
	image := channels.Message{ID: 1, Author: channels.FromStaff, Kind: channels.Image, Attachments: []channels.Attachment{{ID: "a1"}}}
	require.NoError(t, s.Deliver(t.Context(), conversation, image))
	require.Len(t, a.Sent(), 1)
	small, err := channels.Fit(picture, 2<<20)
	require.NoError(t, err)
	require.LessOrEqual(t, len(small), 2<<20)
	require.True(t, strings.HasPrefix(string(small), "\xff\xd8\xff"))
}

func TestAPictureThatMayNotBeSentIsNotUploaded(t *testing.T) {
	a := api(t)
	s := wechat.NewSender(wechat.NewClient(wechat.ClientOptions{Base: a.URL}), wechat.NewAccounts(gongzhong),
		wechat.SenderOptions{Book: newMemory(), Files: &files{}, Pauses: []time.Duration{}})
	err := s.Deliver(t.Context(), conversation, channels.Message{ID: 1, Author: channels.FromStaff, Kind: channels.Image, Attachments: []channels.Attachment{{ID: "a1"}}})
	var told *channels.Outcome
	require.ErrorAs(t, err, &told)
	require.Equal(t, channels.Held, told.Delivery)
	require.Empty(t, a.Calls("/cgi-bin/media/upload"))
}

func TestAnAccountThatMayNotUploadSaysAtOnceThatAPictureIsNotSent(t *testing.T) {
	a := api(t)
	unverified := gongzhong
	unverified.Verified = false
	s := wechat.NewSender(wechat.NewClient(wechat.ClientOptions{Base: a.URL}), wechat.NewAccounts(unverified),
		wechat.SenderOptions{Book: newMemory(), Files: &files{}, Pauses: []time.Duration{}})
	err := s.Deliver(t.Context(), conversation, channels.Message{ID: 1, Author: channels.FromStaff, Kind: channels.Image, Attachments: []channels.Attachment{{ID: "a1"}}})
	var told *channels.Outcome
	require.ErrorAs(t, err, &told)
	require.Equal(t, channels.Failed, told.Delivery, "held, it would block what comes behind it for ever")
}

// kept is a picture of ours.
type kept []byte

func (k kept) OpenFile(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(k)), nil }

// noise is a picture that does not compress.
func noise(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32()) | byte(i%4/3)*255
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}
