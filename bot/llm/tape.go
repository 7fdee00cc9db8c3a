package llm

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// Tape is a transport that records what an endpoint answers, or plays it back
// without one, so that prompts and checks can be measured offline. A request is
// found again by its whole body; the tag of its fences, which is another one
// each time, does not count.
type Tape struct {
	next http.RoundTripper
	out  io.Writer // nil: only played back

	mu     sync.Mutex
	by     map[string]recorded
	missed int
}

// recorded is one line of a tape.
type recorded struct {
	Key    string `json:"key"`
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// Record makes a tape that writes what next answers to out.
func Record(next http.RoundTripper, out io.Writer) *Tape {
	if next == nil {
		next = http.DefaultTransport
	}
	return &Tape{next: next, out: out, by: map[string]recorded{}}
}

// Replay makes a tape that plays back what was recorded.
func Replay(in io.Reader) (*Tape, error) {
	t := &Tape{by: map[string]recorded{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 2*longestBody)
	for n := 1; lines.Scan(); n++ {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("read tape: line %d: %w", n, err)
		}
		t.by[r.Key] = r
	}
	return t, lines.Err()
}

// Missed is how many requests were not on a tape that is played back.
func (t *Tape) Missed() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.missed
}

const (
	anyTag   = "TAG"
	noAnswer = `{"error":{"message":"not on the tape"}}`
)

var tagOf = regexp.MustCompile(`(?:<|\\u003c){3}([0-9a-f]{24})`)

// RoundTrip implements http.RoundTripper.
func (t *Tape) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	tag := anyTag
	if m := tagOf.FindSubmatch(body); m != nil {
		tag = string(m[1])
	}
	sum := sha256.Sum256([]byte(r.URL.Path + "\n" + strings.ReplaceAll(string(body), tag, anyTag)))
	key := hex.EncodeToString(sum[:])
	if t.next == nil {
		return t.played(r, key, tag), nil
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := t.next.RoundTrip(again)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, longestBody))
	if err != nil {
		return nil, err
	}
	if err := t.write(recorded{key, resp.StatusCode, strings.ReplaceAll(string(said), tag, anyTag)}); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(said))
	return resp, nil
}

func (t *Tape) write(r recorded) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = t.out.Write(append(line, '\n'))
	return err
}

// played is a recorded answer. What is not on the tape is never asked for: it
// is an answer that no caller tries again, and it is counted.
func (t *Tape) played(r *http.Request, key, tag string) *http.Response {
	t.mu.Lock()
	defer t.mu.Unlock()
	said, ok := t.by[key]
	if !ok {
		t.missed++
		said = recorded{Status: http.StatusNotFound, Body: noAnswer}
	}
	return &http.Response{
		StatusCode: said.Status, Status: http.StatusText(said.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"text/event-stream"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(strings.ReplaceAll(said.Body, anyTag, tag))),
	}
}
