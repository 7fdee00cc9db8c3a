package tickets

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"quandesk/tickets/customer"
)

var (
	noon       = time.Date(2026, 3, 2, 12, 0, 0, 0, Beijing)
	agent      = Actor{Kind: ByStaff, ID: 1, Name: "坐席甲"}
	handler    = Actor{Kind: ByStaff, ID: 2, Name: "经办人", Department: Departments[0]}
	caller     = Actor{Kind: ByStaff, ID: 3, Name: "回访员"}
	supervisor = Actor{Kind: ByStaff, ID: 9, Name: "督办", Supervises: true}
	resident   = Actor{Kind: ByCustomer}
	hotline    = Actor{Kind: By12345}
)

// matrix is the whole state machine of clause 11.1.2: for every move and every
// state the state it leads to, or - when it is refused. The last line names
// the step that a refusal calls for.
const matrix = `
move              new  acc  disp sig  proc ext  set  call esc  clos rng  retd mrgd void ans
accept            acc  -    -    -    -    -    -    -    -    -    -    -    -    -    -
answer            ans  ans  -    -    -    -    -    -    -    -    -    -    -    -    -
contact           new  acc  disp sig  proc ext  set  call esc  -    rng  -    mrgd -    -
dispatch          -    disp -    -    -    -    -    -    -    -    -    -    -    -    -
transfer          -    -    disp disp disp -    -    -    -    -    -    -    -    -    -
sign              -    -    sig  -    -    -    -    -    -    -    -    -    -    -    -
start             -    -    -    proc -    -    -    -    -    -    -    -    -    -    -
arrive            -    -    disp sig  proc -    -    -    -    -    -    -    -    -    -
reply             -    -    -    -    set  -    -    -    -    -    -    -    set  -    -
start_callback    -    -    -    -    -    -    call -    -    -    -    -    -    -    -
callback          -    -    -    -    -    -    -    clos -    -    -    -    -    -    -
redo              -    -    -    -    -    -    -    -    proc -    -    -    -    -    -
close             -    -    -    -    -    -    -    -    -    -    -    -    -    -    -
terminate         -    -    -    -    -    -    clos clos clos -    -    -    -    -    -
reopen            -    -    -    -    -    -    -    -    -    proc -    disp -    -    proc
void              void void -    -    -    -    -    -    -    -    -    -    -    -    -
withdraw          void -    -    -    -    -    -    -    -    -    -    -    -    -    -
merge             mrgd mrgd mrgd mrgd mrgd -    -    -    -    -    -    -    -    -    -
return            -    rng  rng  rng  rng  -    -    -    -    -    -    -    -    -    -
approve_return    -    -    -    -    -    -    -    -    -    -    retd -    -    -    -
refuse_return     -    -    -    -    -    -    -    -    -    -    disp -    -    -    -
extend            -    -    -    -    ext  -    -    -    -    -    -    -    -    -    -
grant_extension   -    -    -    -    -    proc -    -    -    -    -    -    -    -    -
refuse_extension  -    -    -    -    -    proc -    -    -    -    -    -    -    -    -
suspend           -    -    -    -    proc -    -    -    -    -    -    -    -    -    -
resume            -    -    -    -    proc -    -    -    -    -    -    -    -    -    -
unmerge           -    -    -    -    -    -    -    -    -    -    -    -    disp -    -
assist            -    -    disp sig  proc -    -    -    -    -    -    -    -    -    -
assist_done       new  acc  disp sig  proc ext  set  call esc  -    rng  -    mrgd -    -
report            new  acc  disp sig  proc ext  set  call esc  clos rng  retd mrgd void ans
reassign          new  acc  disp sig  proc ext  set  call esc  -    rng  -    mrgd -    -
correct           new  acc  disp sig  proc ext  set  call esc  -    rng  -    mrgd -    -
escalate          new  acc  disp sig  proc ext  set  call esc  -    rng  -    mrgd -    -
urge              new  acc  disp sig  proc ext  set  call esc  -    rng  -    mrgd -    -
supplement        new  acc  disp sig  proc ext  set  call esc  clos rng  retd mrgd void ans
note              new  acc  disp sig  proc ext  set  call esc  clos rng  retd mrgd void ans
book_call         new  acc  disp sig  proc ext  set  call esc  -    rng  -    mrgd -    -
cancel_call       new  acc  disp sig  proc ext  set  call esc  -    rng  -    mrgd -    -
missing           accept dispatch sign start reply grant_extension start_callback callback redo reopen approve_return reopen reply none reopen
`

var short = map[string]State{
	"new": New, "acc": Accepted, "disp": Dispatched, "sig": Signed, "proc": Processing,
	"ext": Extending, "set": Settled, "call": Calling, "esc": Escalated, "clos": Closed,
	"rng": Returning, "retd": Returned, "mrgd": Merged, "void": Void, "ans": Answered,
}

func TestClause11_1_2EveryMoveInEveryState(t *testing.T) {
	rows, missing := readMatrix(t)
	for _, m := range slices.Sorted(maps.Keys(from)) {
		for i, s := range States {
			want := rows[m][i]
			t.Run(string(s)+" "+string(m), func(t *testing.T) {
				ticket, by := standing(s), supervisor
				if m == MoveWithdraw {
					ticket.Source, by = FromNetwork, resident
				}
				before := *ticket
				events, err := make1(ticket, m, by, noon)
				if want == "-" {
					var step *StepError
					if !errors.As(err, &step) || !errors.Is(err, ErrState) || step.Missing != missing[s] {
						t.Fatalf("err = %v, want a StepError that names %q", err, missing[s])
					}
					if ticket.State != before.State || !ticket.UpdatedAt.Equal(before.UpdatedAt) {
						t.Error("a refused move changed the ticket")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if ticket.State != short[want] {
					t.Errorf("leads to %s, want %s", ticket.State, want)
				}
				if len(events) == 0 || !ticket.UpdatedAt.Equal(noon) {
					t.Errorf("%d events, updated at %v", len(events), ticket.UpdatedAt)
				}
			})
		}
	}
}

// TestTheMatrixIsComplete keeps a move or a state from being added without a
// word in the matrix.
func TestTheMatrixIsComplete(t *testing.T) {
	rows, _ := readMatrix(t)
	for m := range from {
		if _, ok := rows[m]; !ok {
			t.Errorf("move %s is not in the matrix", m)
		}
	}
	for m := range rows {
		if _, ok := from[m]; !ok {
			t.Errorf("%s in the matrix is no move", m)
		}
	}
	if len(short) != len(States) {
		t.Errorf("%d states in the matrix, %d in the package", len(short), len(States))
	}
}

func readMatrix(t *testing.T) (map[Move][]string, map[State]Move) {
	t.Helper()
	rows, missing := map[Move][]string{}, map[State]Move{}
	for line := range strings.Lines(strings.TrimSpace(matrix)) {
		f := strings.Fields(line)
		if len(f) != len(States)+1 {
			t.Fatalf("the line of %s has %d states, want %d", f[0], len(f)-1, len(States))
		}
		for i, cell := range f[1:] {
			switch {
			case f[0] == "move" && short[cell] != States[i]:
				t.Fatalf("column %d is %s, want %s", i, cell, States[i])
			case f[0] == "missing" && cell != "none":
				missing[States[i]] = Move(cell)
			}
		}
		if f[0] != "move" && f[0] != "missing" {
			rows[Move(f[0])] = f[1:]
		}
	}
	return rows, missing
}

// standing is a ticket in a state, with everything that a move may ask for.
// It is an inquiry, so that it may be answered.
func standing(s State) *Ticket {
	return &Ticket{
		No: "TS-20260302-0001", Kind: Inquiry, Category: WaterQuality, State: s, Source: From12345, ExternalNo: "202603021105000001",
		Assists:      []Assist{{Department: Departments[3], AskedAt: noon.Add(-time.Minute)}},
		ContactPhone: "13812345678", Department: Departments[0], Assignee: agent.person(),
		Handler: handler.person(), ReceivedAt: noon.Add(-time.Hour), SettledAt: noon.Add(-time.Minute),
		SuspendedUntil: noon.Add(time.Hour), CallAt: noon.Add(time.Hour), UpdatedAt: noon.Add(-time.Minute),
	}
}

// make1 makes a move with input that is all in order.
func make1(t *Ticket, m Move, by Actor, at time.Time) ([]Event, error) {
	const words = "居民要求尽快处理"
	switch m {
	case MoveAccept:
		return t.Accept(by, Classification{}, at)
	case MoveAnswer:
		return t.Answer(by, words, at)
	case MoveContact:
		return t.Contact(by, Contact{Via: "phone", Result: Reached}, at)
	case MoveDispatch:
		return t.Dispatch(by, Departments[1], "", at)
	case MoveTransfer:
		return t.Transfer(by, Departments[2], "", at)
	case MoveSign:
		return t.Sign(by, at)
	case MoveStart:
		return t.Start(by, at)
	case MoveArrive:
		return t.Arrive(by, "照片", at)
	case MoveSettle:
		return t.Settle(by, Settlement{Outcome: Solved, Measures: "更换阀门", Reply: "已更换阀门并冲洗管道。"}, at)
	case MoveStartCallback:
		return t.StartCallback(by, at)
	case MoveCallback:
		return t.RecordCallback(by, CallbackResult{Verdict: CallbackSatisfied, Process: Good, Outcome: Good}, at)
	case MoveRedo:
		return t.Redo(by, "", "", at)
	case MoveClose:
		return nil, t.Close(by)
	case MoveTerminate:
		return t.Terminate(by, words, at)
	case MoveReopen:
		return t.Reopen(by, words, at)
	case MoveVoid:
		return t.Void(by, words, at)
	case MoveMerge:
		return t.Merge(by, "TS-20260302-0002", at)
	case MoveUnmerge:
		return t.Unmerge(by, words, at)
	case MoveAssist:
		return t.Assist(by, Departments[4], words, at)
	case MoveAssistDone:
		return t.AssistDone(by, Departments[3], words, at)
	case MoveReport:
		way := ByPaste
		if by.Kind == By12345 {
			way = ByConnection
		}
		return t.Report(by, ActReply, 1, way, at)
	case MoveAskReturn:
		return t.AskReturn(by, Return{Reason: words, Owner: "物业公司"}, at)
	case MoveApproveReturn:
		return t.ApproveReturn(by, "", at)
	case MoveRefuseReturn:
		return t.RefuseReturn(by, "", at)
	case MoveAskExtension:
		return t.AskExtension(by, Extension{Until: at.Add(96 * time.Hour), Reason: words, Told: "已电话告知"}, at)
	case MoveGrantExtension:
		return t.GrantExtension(by, "", at)
	case MoveRefuseExtension:
		return t.RefuseExtension(by, "", at)
	case MoveSuspend:
		return t.Suspend(by, at.Add(time.Hour), words, at)
	case MoveResume:
		return t.Resume(by, at)
	case MoveReassign:
		return t.Reassign(by, Person{ID: t.Assignee.ID + 4, Name: "坐席乙"}, at)
	case MoveCorrect:
		return t.Correct(by, Correction{Address: &customer.Address{Text: "历下区"}}, at)
	case MoveSupervise:
		return t.Supervise(by, words, at)
	case MoveUrge:
		return t.Urge(by, words, at)
	case MoveSupplement:
		return t.Supplement(by, words, at)
	case MoveNote:
		return t.Note(by, words, at)
	case MoveBookCall:
		return t.BookCall(by, Call{At: at.Add(2 * time.Hour)}, at)
	case MoveCancelCall:
		return t.CancelCall(by, words, at)
	case MoveWithdraw:
		return t.Withdraw(by, words, at)
	}
	return nil, errors.New("no such move: " + string(m))
}

func TestWhoMayMakeWhichMove(t *testing.T) {
	residents := []Move{MoveCorrect, MoveUrge, MoveSupplement, MoveBookCall, MoveCancelCall}
	platforms := append([]Move{MoveReopen, MoveSupervise, MoveReport}, residents...)
	for _, m := range slices.Sorted(maps.Keys(from)) {
		if len(from[m]) == 0 {
			continue // close is refused to everyone
		}
		for _, x := range []struct {
			name string
			by   Actor
			may  bool
		}{
			{"a supervisor", supervisor, m != MoveWithdraw},
			{"an agent", agent, !slices.Contains([]Move{MoveWithdraw, MoveVoid, MoveTerminate, MoveApproveReturn, MoveRefuseReturn,
				MoveGrantExtension, MoveRefuseExtension, MoveSupervise, MoveAssistDone}, m)},
			{"the resident", resident, slices.Contains(residents, m) || m == MoveWithdraw},
			{"the bot", Bot, slices.Contains(residents, m) || m == MoveWithdraw},
			{"12345", hotline, slices.Contains(platforms, m)},
			{"nobody", Actor{}, slices.Contains(residents, m)},
		} {
			t.Run(x.name+" "+string(m), func(t *testing.T) {
				state := from[m][0]
				if m == MoveReopen {
					state = Closed // the others are for 12345 alone
				}
				ticket := standing(state)
				if m == MoveWithdraw {
					ticket.Source = FromNetwork
				}
				offered := slices.Contains(ticket.Moves(x.by), m)
				_, err := make1(ticket, m, x.by, noon)
				if x.may && err != nil || !x.may && !errors.Is(err, ErrForbidden) {
					t.Errorf("err = %v, may = %v", err, x.may)
				}
				if offered != x.may {
					t.Errorf("Moves offers it: %v, may = %v", offered, x.may)
				}
			})
		}
	}
}

func TestOnly12345TakesUpAgainWhatWaitsForOurCallback(t *testing.T) {
	for _, s := range reopenedByPlatform {
		ticket := standing(s)
		if _, err := ticket.Reorder(hotline, "重新办理单", time.Time{}, noon); err != nil || ticket.State == s {
			t.Errorf("12345 in %s: %v, now %s", s, err, ticket.State)
		}
		if _, err := standing(s).Reopen(supervisor, "重新办理", noon); !errors.Is(err, ErrState) {
			t.Errorf("a supervisor in %s: %v", s, err)
		}
	}
	other := standing(Settled)
	other.Source = FromHotline
	if _, err := other.Reopen(hotline, "重新办理单", noon); !errors.Is(err, ErrForbidden) {
		t.Errorf("12345 on a ticket that is not its own: %v", err)
	}
}

func TestR01I9TheBotCanNeverContact(t *testing.T) {
	for _, s := range States {
		for _, by := range []Actor{Bot, resident, hotline, Clock, {Kind: ByBot, ID: 1, Supervises: true}} {
			ticket := standing(s)
			if _, err := ticket.Contact(by, Contact{Via: "message", Result: Reached, MessageID: 1}, noon); !errors.Is(err, ErrForbidden) {
				t.Errorf("%s in %s: %v, want ErrForbidden", by.Kind, s, err)
			}
			if !ticket.ContactedAt.IsZero() {
				t.Errorf("%s in %s counts as contact", by.Kind, s)
			}
		}
	}
}

func TestNobodyClosesWithoutACallback(t *testing.T) {
	for _, s := range States {
		if err := standing(s).Close(supervisor); !errors.Is(err, ErrState) {
			t.Errorf("close in %s: %v, want ErrState", s, err)
		}
	}
	if err := standing(Settled).Close(Bot); !errors.Is(err, ErrForbidden) {
		t.Errorf("the bot: %v, want ErrForbidden", err)
	}
}

func TestR06TheHandlerCannotCallBack(t *testing.T) {
	ticket := standing(Settled)
	if _, err := ticket.StartCallback(handler, noon); !errors.Is(err, ErrOwnCallback) {
		t.Errorf("start: %v", err)
	}
	if slices.Contains(ticket.Moves(handler), MoveStartCallback) {
		t.Error("the handler is offered the callback")
	}
	ticket = standing(Calling)
	if _, err := ticket.RecordCallback(handler, CallbackResult{Verdict: CallbackSatisfied, Process: Good, Outcome: Good}, noon); !errors.Is(err, ErrOwnCallback) {
		t.Errorf("record: %v", err)
	}
}

func TestOnlyAnInquiryIsAnswered(t *testing.T) {
	for _, k := range Kinds {
		ticket := standing(New)
		ticket.Kind = k
		_, err := ticket.Answer(agent, "营业厅在经三路", noon)
		if (err == nil) != (k == Inquiry) {
			t.Errorf("answer a %s: %v", k, err)
		}
		if k != Inquiry && slices.Contains(ticket.Moves(agent), MoveAnswer) {
			t.Errorf("a %s is offered to be answered", k)
		}
	}
}

func TestResumeNeedsASuspension(t *testing.T) {
	ticket := standing(Processing)
	ticket.SuspendedUntil = time.Time{}
	var step *StepError
	if _, err := ticket.Resume(agent, noon); !errors.As(err, &step) || step.Missing != MoveSuspend {
		t.Errorf("resume = %v, want the suspension named", err)
	}
}

func TestARefusedReturnThatWasNeverDispatchedIsDispatchedNext(t *testing.T) {
	ticket := standing(Returning)
	ticket.Department = ""
	if _, err := ticket.RefuseReturn(supervisor, "属我司", noon); err != nil || ticket.State != Accepted {
		t.Errorf("state %s, %v; want accepted", ticket.State, err)
	}
}

func TestOnlyWhatNobodyElseNeedsIsWithdrawn(t *testing.T) {
	for name, change := range map[string]func(*Ticket){
		"urgent":            func(k *Ticket) { k.Urgent = true },
		"an order of 12345": func(k *Ticket) { k.Source = From12345 },
		"accepted":          func(k *Ticket) { k.State = Accepted },
	} {
		ticket := standing(New)
		ticket.Source = FromNetwork
		change(ticket)
		if _, err := ticket.Withdraw(resident, "不用来了", noon); !errors.Is(err, ErrState) || ticket.State == Void {
			t.Errorf("%s: %v, now %s", name, err, ticket.State)
		}
	}
	ticket := standing(New)
	ticket.Source = FromNetwork
	events, err := ticket.Withdraw(resident, "水自己好了，撤了吧", noon)
	if err != nil || ticket.State != Void || ticket.CloseBasis != "居民撤回：水自己好了，撤了吧" || !ticket.ClosedAt.Equal(noon) {
		t.Errorf("%v, %s, %q, closed at %v", err, ticket.State, ticket.CloseBasis, ticket.ClosedAt)
	}
	if len(events) != 1 || events[0].Kind != EventVoided || events[0].Actor.Kind != ByCustomer {
		t.Errorf("events %+v", events)
	}
}
