package rules

import (
	"fmt"
	"os"
	"testing"

	"quandesk/bot"
	"quandesk/kb"
)

func TestDev(t *testing.T) {
	all, err := kb.Seed()
	if err != nil {
		t.Skip(err)
	}
	u, err := New()
	if err != nil {
		t.Fatal(err)
	}
	count := map[bot.Intent]int{}
	n := 0
	for _, a := range all {
		for _, q := range a.Questions {
			got, _ := u.Understand(t.Context(), q, nil)
			n++
			count[got.Intents[0]]++
			if got.Intents[0] != bot.Ask && os.Getenv("SHOW") != "" {
				fmt.Println(got.Intents, got.Category, q)
			}
			if got.Urgent {
				fmt.Println("URGENT", q)
			}
		}
	}
	t.Log(n, count)
}
