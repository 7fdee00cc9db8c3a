package meili

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/meilisearch/meilisearch-go"
)

const (
	callWithin  = 5 * time.Second // any call; a search has much less
	aliveWithin = time.Second     // a call that costs the server nothing
	hugeBody    = 1 << 20         // no answer we ask for comes near it
)

// What can be wrong with the server. None repeats what it said: an answer may
// hold the text of a query.
var (
	errAway     = errors.New("meili: the server cannot be reached")
	errSlow     = errors.New("meili: no answer in time")
	errNonsense = errors.New("meili: not an answer of Meilisearch")
	errForeign  = errors.New("meili: the index holds other content")
	errTask     = errors.New("meili: a task did not succeed")
)

// statusError is an answer with a status that says no.
type statusError struct {
	status int
	code   string // Meilisearch's own, such as index_not_found
}

func (e statusError) Error() string { return fmt.Sprintf("meili: status %d %s", e.status, e.code) }

// connect returns a client that tries every call once: the retries of the
// library would wait for seconds.
func connect(url, key string, transport http.RoundTripper) meilisearch.ServiceManager {
	if transport == nil {
		transport = &http.Transport{
			// No proxy: the server is a neighbour and gets what people asked.
			DialContext:         (&net.Dialer{Timeout: time.Second}).DialContext,
			TLSHandshakeTimeout: time.Second,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     time.Minute,
		}
	}
	return meilisearch.New(url, meilisearch.WithAPIKey(key), meilisearch.DisableRetries(),
		meilisearch.WithCustomClient(&http.Client{
			Transport:     guard{transport},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}))
}

// guard lets only whole JSON objects of a sane size reach the library, which
// reads a body of any length and panics on some that are null.
type guard struct{ next http.RoundTripper }

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), callWithin)
	defer cancel() // the body is read below
	answer, err := g.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, hugeBody+1))
	if err != nil {
		return nil, err
	}
	object := bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
	switch {
	case len(body) > hugeBody || object && !json.Valid(body):
		return nil, errNonsense
	case !object && answer.StatusCode < http.StatusBadRequest:
		return nil, errNonsense
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// CloseIdleConnections is what http.Client looks for.
func (g guard) CloseIdleConnections() {
	if c, ok := g.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// plain turns an error of the library, whose text holds the server's answer,
// into one of ours.
func plain(err error) error {
	if err == nil {
		return nil
	}
	var theirs *meilisearch.Error
	if errors.As(err, &theirs) {
		switch {
		case theirs.ErrCode == meilisearch.MeilisearchApiError, theirs.ErrCode == meilisearch.MeilisearchApiErrorWithoutMessage:
			return statusError{theirs.StatusCode, code(theirs.MeilisearchApiError.Code)}
		case theirs.ErrCode == meilisearch.ErrCodeResponseUnmarshalBody:
			return errNonsense
		case theirs.OriginError != nil:
			err = theirs.OriginError
		}
	}
	var slow net.Error
	switch {
	case errors.Is(err, errNonsense), errors.Is(err, io.ErrUnexpectedEOF):
		return errNonsense
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return errSlow
	}
	return errAway
}

// code returns a code of Meilisearch, and nothing of what only pretends to be.
func code(s string) string {
	const longest = 64
	for _, r := range s {
		if r != '_' && (r < 'a' || r > 'z') {
			return ""
		}
	}
	return s[:min(len(s), longest)]
}
