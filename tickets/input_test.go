package tickets

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"quandesk/tickets/customer"
)

func TestOpeningSaysWhatIsWrong(t *testing.T) {
	good := Opening{Kind: Complaint, Category: WaterQuality, Source: FromHotline, Description: "水发黄"}
	for _, x := range []struct {
		name    string
		change  func(*Opening)
		field   string
		problem Problem
	}{
		{"all in order", func(*Opening) {}, "", ""},
		{"no kind", func(o *Opening) { o.Kind = "" }, "kind", Invalid},
		{"an unknown kind", func(o *Opening) { o.Kind = "anger" }, "kind", Invalid},
		{"an unknown category", func(o *Opening) { o.Category = "gas" }, "category", Invalid},
		{"11.1.1 no source", func(o *Opening) { o.Source = "" }, "source", Invalid},
		{"11.1.1 a seventh source", func(o *Opening) { o.Source = "rumour" }, "source", Invalid},
		{"12345 without its order number", func(o *Opening) { o.Source = From12345 }, "external_no", Missing},
		{"12345 with its order number", func(o *Opening) { o.Source, o.ExternalNo = From12345, "260302120000000001" }, "", ""},
		{"received tomorrow", func(o *Opening) { o.ReceivedAt = noon.Add(24 * time.Hour) }, "received_at", TooLate},
		{"no description", func(o *Opening) { o.Description = " \n" }, "description", Missing},
		{"a description of 10001 characters", func(o *Opening) { o.Description = strings.Repeat("水", 10001) }, "description", TooLong},
		{"a description of 10000 characters", func(o *Opening) { o.Description = strings.Repeat("水", 10000) }, "", ""},
		{"a phone with a digit missing", func(o *Opening) { o.ContactPhone = "1381234567" }, "contact_phone", Invalid},
		{"a phone spoken in Chinese", func(o *Opening) { o.ContactPhone = "幺三八一二三四五六七八" }, "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			o := good
			x.change(&o)
			ticket, events, err := Open(Bot, o, noon)
			wantInput(t, err, x.field, x.problem)
			if err != nil {
				return
			}
			if ticket.State != New || len(events) != 1 || events[0].Kind != EventOpened || !ticket.ReceivedAt.Equal(noon) {
				t.Errorf("opened %+v with %d events", ticket, len(events))
			}
			if o.ContactPhone != "" && ticket.ContactPhone != "13812345678" {
				t.Errorf("phone %q is not normalised", ticket.ContactPhone)
			}
		})
	}
}

func TestEverySourceOfClause11_1_1IsAccepted(t *testing.T) {
	if len(Sources) != 6 {
		t.Fatalf("%d sources, want six", len(Sources))
	}
	for _, s := range Sources {
		if _, _, err := Open(agent, Opening{Kind: Complaint, Category: Other, Source: s, ExternalNo: "1", Description: "水"}, noon); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestMovesSayWhatIsWrongAndChangeNothing(t *testing.T) {
	long := func(n int) string { return strings.Repeat("长", n+1) }
	wrong, phone, name := Category("gas"), "12345", "某人"
	settle := func(change func(*Settlement)) func(*Ticket) ([]Event, error) {
		s := Settlement{Outcome: Solved, Measures: "更换阀门", Reply: "已更换阀门并冲洗管道。"}
		change(&s)
		return func(t *Ticket) ([]Event, error) { return t.Settle(handler, s, noon) }
	}
	call := func(r CallbackResult) func(*Ticket) ([]Event, error) {
		return func(t *Ticket) ([]Event, error) { return t.RecordCallback(caller, r, noon) }
	}
	for _, x := range []struct {
		name    string
		state   State
		do      func(*Ticket) ([]Event, error)
		field   string
		problem Problem
	}{
		{"accept as an unknown kind", New, func(t *Ticket) ([]Event, error) { return t.Accept(agent, Classification{Kind: "anger"}, noon) }, "kind", Invalid},
		{"accept under an unknown category", New, func(t *Ticket) ([]Event, error) { return t.Accept(agent, Classification{Category: wrong}, noon) }, "category", Invalid},
		{"an answer of three characters", New, func(t *Ticket) ([]Event, error) { return t.Answer(agent, "不知道", noon) }, "reply", TooShort},
		{"no answer", New, func(t *Ticket) ([]Event, error) { return t.Answer(agent, "", noon) }, "reply", Missing},
		{"R01 contact by pigeon", New, func(t *Ticket) ([]Event, error) {
			return t.Contact(agent, Contact{Via: "pigeon", Result: Reached}, noon)
		}, "via", Invalid},
		{"R01 contact without a result", New, func(t *Ticket) ([]Event, error) { return t.Contact(agent, Contact{Via: "phone"}, noon) }, "result", Invalid},
		{"R01 contact with an endless note", New, func(t *Ticket) ([]Event, error) {
			return t.Contact(agent, Contact{Via: "phone", Result: Reached, Note: long(2000)}, noon)
		}, "note", TooLong},
		{"dispatch to nobody", Accepted, func(t *Ticket) ([]Event, error) { return t.Dispatch(agent, "", "", noon) }, "department", Missing},
		{"dispatch with an endless opinion", Accepted, func(t *Ticket) ([]Event, error) { return t.Dispatch(agent, Departments[1], long(2000), noon) }, "opinion", TooLong},
		{"dispatch to a department that does not exist", Accepted, func(t *Ticket) ([]Event, error) { return t.Dispatch(agent, "不存在的部门", "", noon) }, "department", Invalid},
		{"transfer to a department that does not exist", Signed, func(t *Ticket) ([]Event, error) { return t.Transfer(agent, "不存在的部门", "", noon) }, "department", Invalid},
		{"redo by a department that does not exist", Escalated, func(t *Ticket) ([]Event, error) { return t.Redo(agent, "不存在的部门", "", noon) }, "department", Invalid},
		{"D03 extension to the year 9999", Processing, func(t *Ticket) ([]Event, error) {
			return t.AskExtension(handler, Extension{Until: noon.AddDate(7000, 0, 0), Reason: "等待配件到货", Told: "已电话告知"}, noon)
		}, "until", TooLate},
		{"suspension to the year 9999", Processing, func(t *Ticket) ([]Event, error) {
			return t.Suspend(handler, noon.AddDate(7000, 0, 0), "等待配件到货", noon)
		}, "until", TooLate},
		{"transfer to the same department", Signed, func(t *Ticket) ([]Event, error) { return t.Transfer(agent, Departments[0], "", noon) }, "department", Invalid},
		{"R12 arrival without proof", Dispatched, func(t *Ticket) ([]Event, error) { return t.Arrive(handler, "", noon) }, "proof", Missing},
		{"11.2 no outcome", Processing, settle(func(s *Settlement) { s.Outcome = "" }), "outcome", Invalid},
		{"11.2 no measures", Processing, settle(func(s *Settlement) { s.Measures = "" }), "measures", Missing},
		{"11.2 measures of three characters", Processing, settle(func(s *Settlement) { s.Measures = "已处理" }), "measures", TooShort},
		{"11.2 no reply", Processing, settle(func(s *Settlement) { s.Reply = "  " }), "reply", Missing},
		{"11.2 a reply of nine characters", Processing, settle(func(s *Settlement) { s.Reply = "已经给您处理完毕了" }), "reply", TooShort},
		{"11.2 an endless reply", Processing, settle(func(s *Settlement) { s.Reply = long(4000) }), "reply", TooLong},
		{"dropped without its basis", Processing, settle(func(s *Settlement) { s.Outcome = Dropped }), "basis", Missing},
		{"11.4 no result", Calling, call(CallbackResult{Process: Good, Outcome: Good}), "result", Invalid},
		{"11.4 not asked about the process", Calling, call(CallbackResult{Verdict: CallbackSatisfied, Outcome: Good}), "process", Missing},
		{"11.4 not asked about the result", Calling, call(CallbackResult{Verdict: CallbackSatisfied, Process: Good}), "outcome", Missing},
		{"11.4 an unknown rating of the process", Calling, call(CallbackResult{Verdict: CallbackSatisfied, Process: "great", Outcome: Good}), "process", Invalid},
		{"11.4 an unknown rating of the result", Calling, call(CallbackResult{Verdict: CallbackSatisfied, Process: Good, Outcome: "great"}), "outcome", Invalid},
		{"11.4 satisfied with a poor result", Calling, call(CallbackResult{Verdict: CallbackSatisfied, Process: Good, Outcome: Poor}), "outcome", Invalid},
		{"11.4 dissatisfied without a reason", Calling, call(CallbackResult{Verdict: CallbackDissatisfied, Process: Good, Outcome: Poor}), "reason", Missing},
		{"11.4 unreached without a reason", Calling, call(CallbackResult{Verdict: CallbackNotReached}), "reason", Missing},
		{"11.4 endless words", Calling, call(CallbackResult{Verdict: CallbackSatisfied, Process: Good, Outcome: Good, Words: long(2000)}), "words", TooLong},
		{"terminate without a reason", Settled, func(t *Ticket) ([]Event, error) { return t.Terminate(supervisor, "", noon) }, "reason", Missing},
		{"terminate with half a reason", Settled, func(t *Ticket) ([]Event, error) { return t.Terminate(supervisor, "无理", noon) }, "reason", TooShort},
		{"reopen without a reason", Closed, func(t *Ticket) ([]Event, error) { return t.Reopen(agent, "", noon) }, "reason", Missing},
		{"void without a reason", New, func(t *Ticket) ([]Event, error) { return t.Void(supervisor, "", noon) }, "reason", Missing},
		{"merge with nothing", New, func(t *Ticket) ([]Event, error) { return t.Merge(agent, "", noon) }, "master_no", Invalid},
		{"merge with itself", New, func(t *Ticket) ([]Event, error) { return t.Merge(agent, t.No, noon) }, "master_no", Invalid},
		{"return without a reason", Accepted, func(t *Ticket) ([]Event, error) {
			return t.AskReturn(agent, Return{Reason: "", Owner: "物业公司"}, noon)
		}, "reason", Missing},
		{"return to nobody", Accepted, func(t *Ticket) ([]Event, error) {
			return t.AskReturn(agent, Return{Reason: "非我司职责", Owner: ""}, noon)
		}, "owner", Missing},
		{"D03 extension without a reason", Processing, func(t *Ticket) ([]Event, error) {
			return t.AskExtension(handler, Extension{Until: noon.Add(time.Hour), Told: "已电话告知"}, noon)
		}, "reason", Missing},
		{"D03 extension of which the customer was not told", Processing, func(t *Ticket) ([]Event, error) {
			return t.AskExtension(handler, Extension{Until: noon.Add(time.Hour), Reason: "需要开挖"}, noon)
		}, "told", Missing},
		{"D03 extension into the past", Processing, func(t *Ticket) ([]Event, error) {
			return t.AskExtension(handler, Extension{Until: noon, Reason: "需要开挖", Told: "已电话告知"}, noon)
		}, "until", TooEarly},
		{"suspend until now", Processing, func(t *Ticket) ([]Event, error) { return t.Suspend(handler, noon, "等待材料", noon) }, "until", TooEarly},
		{"suspend without a reason", Processing, func(t *Ticket) ([]Event, error) { return t.Suspend(handler, noon.Add(time.Hour), "", noon) }, "reason", Missing},
		{"reassign to nobody", New, func(t *Ticket) ([]Event, error) { return t.Reassign(agent, Person{}, noon) }, "assignee", Invalid},
		{"reassign to the same agent", New, func(t *Ticket) ([]Event, error) { return t.Reassign(agent, agent.person(), noon) }, "assignee", Invalid},
		{"correct nothing", New, func(t *Ticket) ([]Event, error) { return t.Correct(Bot, Correction{}, noon) }, "correction", Missing},
		{"correct to an unknown category", New, func(t *Ticket) ([]Event, error) { return t.Correct(Bot, Correction{Category: &wrong}, noon) }, "category", Invalid},
		{"correct the business of what is none", New, func(t *Ticket) ([]Event, error) { return t.Correct(Bot, Correction{Application: &name}, noon) }, "application", Invalid},
		{"correct the name and a wrong phone", New, func(t *Ticket) ([]Event, error) {
			return t.Correct(Bot, Correction{ContactName: &name, ContactPhone: &phone, Address: &customer.Address{Text: "历下区"}}, noon)
		}, "contact_phone", Invalid},
		{"escalate without words", New, func(t *Ticket) ([]Event, error) { return t.Supervise(supervisor, "", noon) }, "note", Missing},
		{"a note without words", Closed, func(t *Ticket) ([]Event, error) { return t.Note(agent, "", noon) }, "note", Missing},
		{"an endless supplement", Closed, func(t *Ticket) ([]Event, error) { return t.Supplement(resident, long(4000), noon) }, "note", TooLong},
	} {
		t.Run(x.name, func(t *testing.T) {
			ticket := standing(x.state)
			before := *ticket
			events, err := x.do(ticket)
			wantInput(t, err, x.field, x.problem)
			if !reflect.DeepEqual(*ticket, before) || events != nil {
				t.Errorf("a refused move left a trace: %+v", *ticket)
			}
		})
	}
}

func wantInput(t *testing.T, err error, field string, problem Problem) {
	t.Helper()
	if field == "" {
		if err != nil {
			t.Fatalf("err = %v, want none", err)
		}
		return
	}
	var input *InputError
	if !errors.As(err, &input) || input.Field != field || input.Problem != problem {
		t.Fatalf("err = %v, want %s %s", err, field, problem)
	}
}

func TestTheBusinessOfAnApplicationIsCorrectedAndKeptInTheEvent(t *testing.T) {
	ticket := standing(New)
	ticket.Kind, ticket.Application = Application, "close_account"
	business := "transfer"
	events, err := ticket.Correct(Bot, Correction{Application: &business}, noon)
	if err != nil {
		t.Fatal(err)
	}
	data := string(events[0].Data)
	if ticket.Application != "transfer" || !strings.Contains(data, "close_account") || !strings.Contains(data, "transfer") {
		t.Errorf("application %q, the event holds %s", ticket.Application, data)
	}
}

func TestARepairBecomesAComplaintAndNothingElseDoes(t *testing.T) {
	ticket := standing(New)
	ticket.Kind = Repair
	events, err := ticket.Correct(Bot, Correction{Complaint: true}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if data := string(events[0].Data); ticket.Kind != Complaint || !strings.Contains(data, `"kind_from":"repair"`) {
		t.Errorf("kind %q, the event holds %s", ticket.Kind, data)
	}
	for _, kind := range []Kind{Complaint, Report, Application, Suggestion} {
		ticket := standing(New)
		ticket.Kind = kind
		if _, err := ticket.Correct(Bot, Correction{Complaint: true}, noon); err == nil {
			t.Errorf("%s became a complaint", kind)
		}
	}
}

func TestACorrectionKeepsNoPhoneInTheOpen(t *testing.T) {
	ticket := standing(New)
	ticket.Anonymous = true
	phone := "159 0000 1234"
	events, err := ticket.Correct(Bot, Correction{ContactPhone: &phone}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if ticket.ContactPhone != "15900001234" || ticket.Anonymous {
		t.Errorf("phone %q, anonymous %v", ticket.ContactPhone, ticket.Anonymous)
	}
	data := string(events[0].Data)
	if strings.Contains(data, "15900001234") || strings.Contains(data, "13812345678") || !strings.Contains(data, "159****1234") {
		t.Errorf("the event holds %s", data)
	}
}

func TestR01TriesCountFiveMinutesApart(t *testing.T) {
	ticket := standing(New)
	for _, x := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {time.Minute, 1}, {5 * time.Minute, 2}, {9 * time.Minute, 2}, {10 * time.Minute, 3}} {
		events, err := ticket.Contact(agent, Contact{Via: "phone", Result: NoAnswer}, noon.Add(x.after))
		if err != nil || len(events) != 1 || events[0].Kind != EventContactTried {
			t.Fatalf("%v, %v", events, err)
		}
		if ticket.Attempts != x.want {
			t.Errorf("%d attempts after %v, want %d", ticket.Attempts, x.after, x.want)
		}
	}
	if !ticket.ContactedAt.IsZero() {
		t.Error("a try counts as contact")
	}
}

func TestR06ACallbackAtNightIsMarked(t *testing.T) {
	for _, x := range []struct {
		hour int
		want bool
	}{{7, true}, {8, false}, {19, false}, {20, true}} {
		at := time.Date(2026, 3, 2, x.hour, 0, 0, 0, Beijing).UTC()
		events, err := standing(Calling).RecordCallback(caller, CallbackResult{Verdict: CallbackNotReached, Reason: "无人接听"}, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.ContainsFunc(events, func(e Event) bool { return strings.Contains(string(e.Data), "outside_hours") }); got != x.want {
			t.Errorf("at %d o'clock marked %v, want %v", x.hour, got, x.want)
		}
	}
}
