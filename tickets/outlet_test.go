package tickets

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"quandesk/tickets/calendar"
)

func TestOutletsAreDataOfTheRulesFile(t *testing.T) {
	shipped := rulesOf(t, "").Outlets()
	if len(shipped) < 2 {
		t.Fatalf("shipped outlets: %v", shipped)
	}
	if got := rulesOf(t, file(t, "rules: []\n")).Outlets(); !slices.Equal(got, shipped) {
		t.Errorf("a file without a list changes it: %v", got)
	}
	if got := rulesOf(t, file(t, "outlets: [泺口营业厅, 历下营业厅]\n")).Outlets(); !slices.Equal(got, []string{"泺口营业厅", "历下营业厅"}) {
		t.Errorf("a list takes the place of the shipped one, got %v", got)
	}
	if got := rulesOf(t, file(t, "outlets: []\n")).Outlets(); len(got) != 0 {
		t.Errorf("an empty list is a list: %v", got)
	}
}

func TestABadListOfOutletsSaysWhatIsWrong(t *testing.T) {
	cal, err := calendar.Default()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`outlets: [""]`: "outlet 1", `outlets: ["甲厅", " 乙厅"]`: "outlet 2", `outlets: [甲厅, 甲厅]`: "twice",
		"outlets: [" + strings.Repeat("长", 51) + "]": "longer than 50", "outlet: [甲厅]": "outlet",
	} {
		if _, err := LoadRules(file(t, text), cal); !errors.Is(err, ErrRules) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want ErrRules with %q", text, err, want)
		}
	}
}

func TestR37ATicketIsRegisteredAtAnOutletThatIsThere(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, Beijing)
	desk := NewDesk(nil, rulesOf(t, file(t, "outlets: [泺口营业厅]\n")), func() time.Time { return now })
	by := Actor{Kind: ByStaff, ID: 1, Name: "林晓雨"}
	o := Opening{Kind: Request, Category: Other, Source: FromVisitors, Channel: "counter", Description: "想报装一户一表"}
	for outlet, ok := range map[string]bool{"": true, "泺口营业厅": true, "历下营业厅": false, "月球营业厅": false} {
		o.Outlet = outlet
		_, _, err := desk.Prepare(by, o)
		var input *InputError
		if ok != (err == nil) || !ok && (!errors.As(err, &input) || input.Field != "outlet") {
			t.Errorf("at %q: %v", outlet, err)
		}
		spoken := Contact{Via: "visit", Result: Reached}
		if !ok {
			if _, err := desk.OpenSpoken(context.Background(), by, o, spoken); !errors.As(err, &input) || input.Field != "outlet" {
				t.Errorf("at %q, told in person: %v", outlet, err)
			}
		}
	}
}
