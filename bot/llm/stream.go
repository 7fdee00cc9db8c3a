package llm

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"
)

// once asks one time and reads the stream.
func (c *client) once(ctx context.Context, q call) (said, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	slow := time.AfterFunc(c.limits.FirstToken, func() { stop(errSlow) })
	defer slow.Stop()
	req := openai.ChatCompletionRequest{
		Model: c.model, Messages: q.messages, Tools: q.tools, Temperature: 0.1, Stream: true, ResponseFormat: q.schema,
	}
	//lint:ignore SA1019 every compatible endpoint knows max_tokens, few know its successor
	req.MaxTokens = q.tokens
	if q.usage {
		req.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	}
	began := time.Now()
	stream, err := c.api.CreateChatCompletionStream(ctx, req)
	if err != nil {
		return said{}, because(ctx, err)
	}
	defer stream.Close()
	var got said
	var text strings.Builder
	characters, finished := 0, false
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return got, because(ctx, err)
		}
		if part.Usage != nil {
			got.usage = *part.Usage
		}
		for _, choice := range part.Choices {
			d := choice.Delta
			if err := ended(choice.FinishReason); err != nil {
				return got, err
			}
			finished = finished || choice.FinishReason != ""
			if d.Content == "" && len(d.ToolCalls) == 0 {
				continue
			}
			if got.firstToken == 0 {
				slow.Stop()
				got.firstToken = max(time.Since(began), 1)
			}
			if err := got.take(d.ToolCalls); err != nil {
				return got, err
			}
			if characters += utf8.RuneCountInString(d.Content); characters > longestAnswer {
				return got, errLong
			}
			text.WriteString(d.Content)
			if q.hear != nil && d.Content != "" {
				if err := q.hear(d.Content); err != nil {
					return got, err
				}
			}
		}
	}
	got.text = text.String()
	if !finished || got.firstToken == 0 {
		return got, errCut
	}
	return got, nil
}

// ended reports an end that is none: the answer was cut at so many tokens, or
// taken away by a filter of the endpoint's own.
func ended(reason openai.FinishReason) error {
	switch reason {
	case openai.FinishReasonLength:
		return errLong
	case openai.FinishReasonContentFilter:
		return wrongf("the endpoint has filtered the answer")
	}
	return nil
}

// because is why a call ended: the reason it was stopped for, if it was.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// take puts pieces of tool calls together.
func (s *said) take(parts []openai.ToolCall) error {
	for _, p := range parts {
		i := len(s.tools) - 1
		if p.Index != nil {
			i = *p.Index
		} else if p.ID != "" || i < 0 {
			i = len(s.tools)
		}
		if i < 0 || i >= mostCalls || i > len(s.tools) {
			return wrongf("more than %d tools at once", mostCalls)
		}
		if i == len(s.tools) {
			s.tools = append(s.tools, openai.ToolCall{Type: openai.ToolTypeFunction})
		}
		t := &s.tools[i]
		t.ID += p.ID
		t.Function.Name += p.Function.Name
		t.Function.Arguments += p.Function.Arguments
		if len(t.Function.Arguments) > longestArguments || len(t.Function.Name) > 64 || len(t.ID) > 128 {
			return wrongf("a tool with too much to say")
		}
	}
	return nil
}
