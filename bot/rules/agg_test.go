package rules

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

func TestAgg(t *testing.T) {
	f, err := os.Open("../../../shared/eval/messages.jsonl")
	if err != nil {
		t.Skip(err)
	}
	u, _ := New()
	lines := bufio.NewScanner(f)
	tp, fp := map[int]int{}, map[int]int{}
	by := map[string]int{}
	for lines.Scan() {
		var m struct {
			Text             string
			Urgent           bool
			Style            string
			Intent, Category []string
		}
		json.Unmarshal(lines.Bytes(), &m)
		got, _ := u.Understand(t.Context(), m.Text, nil)
		if m.Intent[0] == "complaint" && got.Intents[0] == "ask" {
			t.Log(m.Style, m.Category, len([]rune(m.Text)), len(m.Intent), got.Confidence)
		}
		hit := false
		for i, d := range dangers {
			if d.MatchString(fold(m.Text)) {
				hit = true
				if m.Urgent {
					tp[i]++
				} else {
					fp[i]++
				}
			}
		}
		x := u.model.score(u.model.known(u.reader.features(m.Text, u.reader.place(m.Text), phoneIn(m.Text))), heads()[3][0], heads()[3][1])[1]
		k := ""
		if got.Urgent != m.Urgent {
			var di []int
			for i, d := range dangers {
				if d.MatchString(fold(m.Text)) {
					di = append(di, i)
				}
			}
			t.Log("URG want", m.Urgent, m.Style, m.Intent, m.Category, len([]rune(m.Text)), "got", got.Intents, x, di)
		}
		if m.Urgent {
			k = "urgent "
		}
		if hit {
			k += "regex "
		}
		if x > 0.5 {
			k += "model "
		}
		by[k+string(got.Intents[0])]++
	}
	t.Log("tp", tp, "fp", fp)
	for k, v := range by {
		if k[0] == 'u' || k[0] == 'r' && k[1] == 'e' || k[0] == 'm' {
			t.Log(k, v)
		}
	}
}
