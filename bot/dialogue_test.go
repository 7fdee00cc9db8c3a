package bot_test

import (
	"os"
	"regexp"
	"testing"

	"quandesk/bot/eval"
)

var figures = regexp.MustCompile(`[0-9]`)

func TestDialoguesComeToTheirEnd(t *testing.T) {
	f, err := os.Open("testdata/dialogues.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var set eval.Set
	if err := set.Read(f); err != nil {
		t.Fatal(err)
	}
	if len(set.Scripts) == 0 {
		t.Fatal("no dialogues")
	}
	j := eval.Judge{Answerer: newBot(t), Rules: newRules(t), Now: friday}
	for _, s := range set.Scripts {
		t.Run(s.Name, func(t *testing.T) {
			outcomes, err := j.Scripts(t.Context(), []eval.Script{s})
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range outcomes[0].Faults {
				t.Error(fault)
			}
		})
	}
}
