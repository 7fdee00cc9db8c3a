package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"quandesk/server/hub"
)

const (
	streamFor   = 10 * time.Minute // then the reader comes back by itself
	heartbeat   = 15 * time.Second // finds readers that have gone
	comeBack    = 3 * time.Second
	mostStreams = 5000
	streamBatch = 100
)

// DraftTopic is where a generated answer to a conversation is shown while it
// grows.
func DraftTopic(id int64) string { return "draft:" + strconv.FormatInt(id, 10) }

func conversationTopic(id int64) string { return "conversation:" + strconv.FormatInt(id, 10) }

type eventsInput struct {
	After int64 `query:"after" minimum:"0" doc:"只要此编号之后的消息"`
	Last  int64 `header:"Last-Event-ID" doc:"断线重连时最后收到的编号"`
}

type streamOutput struct {
	Body func(huma.Context)
}

// chatEvents streams the messages of a resident's conversation. Each carries
// its AI mark from the first byte (T72).
func (s *Site) chatEvents(ctx context.Context, in *eventsInput) (*streamOutput, error) {
	if s.streams.Add(1) > mostStreams {
		s.streams.Add(-1)
		return nil, fiber.ErrServiceUnavailable
	}
	v := callOf(ctx).visitor
	heard := s.Hub.Subscribe()
	heard.Add(conversationTopic(v.ConversationID), DraftTopic(v.ConversationID))
	st := stream{site: s, conversation: v.ConversationID, last: max(in.After, in.Last), heard: heard}
	return &streamOutput{Body: func(hc huma.Context) {
		c := humafiber.Unwrap(hc)
		c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
		c.Set("X-Accel-Buffering", "no")
		c.Context().SetBodyStreamWriter(st.run)
	}}, nil
}

// stream is one reader of a conversation. It outlives its request and knows
// nothing of it.
type stream struct {
	site         *Site
	conversation int64
	last         int64 // id of the newest message that was sent
	heard        hub.Subscription
}

// run owns the connection until the reader has gone, the time is over or the
// site stops.
func (st *stream) run(w *bufio.Writer) {
	defer st.site.streams.Add(-1)
	defer st.heard.Close()
	ctx, cancel := context.WithTimeout(context.Background(), streamFor)
	defer cancel()
	beat, look := time.NewTicker(heartbeat), time.NewTicker(lookAgain)
	defer beat.Stop()
	defer look.Stop()
	// Nothing is sent before the first byte of the body, not even the status.
	fmt.Fprintf(w, "retry: %d\n\n", comeBack.Milliseconds())
	for {
		if err := st.catchUp(ctx, w); err != nil {
			return
		}
		if !st.news(ctx, w, beat.C, look.C) {
			return // too slow, or it has ended: come back with the last id
		}
	}
}

// news waits until there may be something to send.
func (st *stream) news(ctx context.Context, w *bufio.Writer, beat, look <-chan time.Time) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-st.site.done:
			return false
		case <-beat:
			_, err := w.WriteString(": \n\n")
			return err == nil
		case e, more := <-st.heard.Events():
			if more && e.Topic == DraftTopic(st.conversation) {
				if st.draft(w, e.Draft) != nil {
					return false
				}
				continue
			}
			return more
		case <-look:
			if st.site.deaf() {
				return true
			}
		}
	}
}

// draft sends all of a generated text so far; an empty one takes it back. It
// has no id: the message that takes its place has.
func (st *stream) draft(w *bufio.Writer, text string) error {
	data, err := json.Marshal(struct {
		AI   bool   `json:"ai"`
		Text string `json:"text"`
	}{true, text})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "event: draft\ndata: %s\n\n", data)
	return w.Flush()
}

// catchUp sends what was said since the last message and flushes, which is
// how a reader that has gone is noticed.
func (st *stream) catchUp(ctx context.Context, w *bufio.Writer) error {
	for {
		list, err := st.site.Conversations.Messages(ctx, st.conversation, st.last, streamBatch, false)
		if err != nil {
			return err
		}
		for _, m := range list {
			data, err := json.Marshal(showMessage(m))
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "id: %d\nevent: message\ndata: %s\n\n", m.ID, data)
			st.last = m.ID
		}
		if len(list) < streamBatch {
			return w.Flush()
		}
	}
}
