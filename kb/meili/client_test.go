package meili

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// says is a server that answers everything with one body.
type says struct {
	status int
	body   io.Reader
}

func (s says) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: s.status, Body: io.NopCloser(s.body)}, nil
}

func TestOnlyWholeObjectsOfASaneSizeReachTheLibrary(t *testing.T) {
	for _, c := range []struct {
		name string
		from says
		want error
	}{
		{"an object that lacks everything", says{200, strings.NewReader(`{}`)}, nil},
		{"null", says{200, strings.NewReader("null\n")}, errNonsense},
		{"nothing", says{200, strings.NewReader("")}, errNonsense},
		{"a page", says{200, strings.NewReader("<html>欢迎</html>")}, errNonsense},
		{"half an object", says{200, strings.NewReader(`{"hits":[{"id`)}, errNonsense},
		{"two objects", says{200, strings.NewReader(`{}{}`)}, errNonsense},
		{"a list", says{200, strings.NewReader(`[]`)}, errNonsense},
		{"a body without end", says{200, endless{}}, errNonsense},
		{"an error without end", says{500, endless{}}, errNonsense},
		{"a page of a proxy", says{502, strings.NewReader("<html>bad gateway</html>")}, statusError{502, ""}},
		{"somewhere else", says{302, strings.NewReader("")}, errNonsense},
		{"an error of its own", says{404, strings.NewReader(`{"message":"秘密","code":"index_not_found"}`)}, statusError{404, "index_not_found"}},
		{"an error that only looks like its own", says{400, strings.NewReader(`{"code":"水费 13800000000"}`)}, statusError{400, ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := connect("http://search", "key", c.from).Index("x").GetStatsWithContext(t.Context(), nil)
			if err := plain(err); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestAListThatIsNullIsNoPanic(t *testing.T) {
	client := connect("http://search", "key", says{202, strings.NewReader("null\n")})
	if _, err := client.SwapIndexesWithContext(t.Context(), nil); !errors.Is(plain(err), errNonsense) {
		t.Errorf("swapped: %v", err)
	}
}

func TestACallerThatLeftIsNotASlowServer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := connect("http://127.0.0.1:1", "", nil).HealthWithContext(ctx)
	if !errors.Is(plain(err), context.Canceled) {
		t.Errorf("said %v", err)
	}
}

// endless is an object that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '{'
	}
	return len(p), nil
}
