package rules

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"testing"
)

func TestBias(t *testing.T) {
	u, _ := New()
	for _, bias := range []float64{0.5, 0.4, 0.3, 0.2, 0.1} {
		f, err := os.Open("../../../shared/eval/messages.jsonl")
		if err != nil {
			t.Skip(err)
		}
		lines := bufio.NewScanner(f)
		ok, n, lost, extra := 0, 0, 0, 0
		for lines.Scan() {
			var m struct {
				Text   string
				Intent []string
			}
			json.Unmarshal(lines.Bytes(), &m)
			p := u.model.score(u.model.known(u.reader.features(m.Text, u.reader.place(m.Text), phoneIn(m.Text))), 0, 10)
			top := best(p)
			if top == 0 && p[1] > bias {
				top = 1
			}
			n++
			if slices.Contains(m.Intent, string(intents[top])) {
				ok++
			}
			if m.Intent[0] == "complaint" && top == 0 {
				lost++
			}
			if m.Intent[0] == "ask" && top == 1 {
				extra++
			}
		}
		t.Log(bias, ok, n, "complaint>ask", lost, "ask>complaint", extra)
	}
}
