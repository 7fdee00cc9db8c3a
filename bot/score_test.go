package bot_test

import (
	"os"
	"testing"

	"quandesk/bot/eval"
)

func TestDialoguesOfTheEvaluationSetComeToTheirEnd(t *testing.T) {
	f, err := os.Open("../../shared/eval/dialogues.jsonl")
	if err != nil {
		t.Skip("the evaluation set is not here: ", err)
	}
	defer f.Close()
	b := newBot(t)
	var set eval.Set
	if err := set.Read(f); err != nil {
		t.Fatal(err)
	}
	outcomes, err := eval.Judge{Answerer: b, Rules: newRules(t), Now: friday}.Dialogues(t.Context(), set.Dialogues)
	if err != nil {
		t.Fatal(err)
	}
	good := 0
	for _, o := range outcomes {
		if len(o.Faults) == 0 {
			good++
			continue
		}
		t.Logf("%s: %v", o.ID, o.Faults)
	}
	t.Logf("%d of %d", good, len(outcomes))
	if good < 8 {
		t.Errorf("%d of %d dialogues came to their end, the floor is 8", good, len(outcomes))
	}
}
