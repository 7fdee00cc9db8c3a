package bot_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestTry(t *testing.T) {
	raw, err := os.ReadFile(os.Getenv("TRY"))
	if err != nil {
		t.Skip("no script")
	}
	b := newBot(t)
	for _, script := range strings.Split(string(raw), "\n\n") {
		d := newDesk(t, b)
		for _, line := range strings.Split(strings.TrimSpace(script), "\n") {
			answer, err := d.Say(t.Context(), strings.Split(line, " / ")...)
			if err != nil {
				t.Fatal(err)
			}
			action := ""
			if d.Last.Action != nil {
				action = string(d.Last.Action.Type)
			}
			fmt.Printf("> %s\n  [%v %s %s u=%v] %s\n%s\n", line, d.Last.Understanding.Intents, d.Last.Understanding.Category, d.Last.Understanding.Application, d.Last.Understanding.Urgent, action, answer)
		}
		fmt.Println("-----")
	}
}
