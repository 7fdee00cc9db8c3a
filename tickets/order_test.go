package tickets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// order opens an order of 12345 on Monday 2 March 2026 at noon.
func order(t *testing.T, due time.Time) *scene {
	t.Helper()
	return opened(t, rulesOf(t, ""), Opening{
		Kind: Inquiry, Category: Leak, Source: From12345, Channel: "12345", ExternalNo: "260302115900000001",
		OrderDue: due, Description: "小区门口漏水", ContactPhone: "13812345678",
	})
}

// endOf is 24:00 of a day of March 2026.
func endOf(day int) time.Time { return time.Date(2026, 3, day+1, 0, 0, 0, 0, Beijing) }

// handled takes an order to its handling.
func (s *scene) handled() *scene {
	s.make(0, MoveAccept, agent)
	s.make(0, MoveDispatch, agent)
	s.make(0, MoveSign, handler)
	s.make(0, MoveStart, handler)
	return s
}

func (s *scene) report(d time.Duration) {
	s.t.Helper()
	s.after(d, func(t *Ticket, at time.Time) ([]Event, error) {
		return t.Report(hotline, ActReply, 1, ByConnection, at)
	})
}

func TestD02BothClocksRunSideBySideWhateverTheKind(t *testing.T) {
	s := order(t, time.Time{})
	for rule, due := range map[string]time.Time{
		"R01": noon.Add(20 * time.Minute), "R02": noon.Add(48 * time.Hour), "D02": endOf(9),
	} {
		require.Equal(t, due.Unix(), s.deadline(rule, 1).DueAt.Unix(), rule)
	}
	require.Equal(t, "R01", s.ticket.NextDue().Rule, "the shown due time is the earliest")
	s.make(time.Minute, MoveContact, agent)
	require.Equal(t, "R02", s.ticket.NextDue().Rule)

	soon := order(t, noon.Add(5*time.Hour))
	soon.make(time.Minute, MoveContact, agent)
	require.Equal(t, "D02", soon.ticket.NextDue().Rule, "an order that wants it sooner goes first")
	require.Equal(t, noon.Add(48*time.Hour).Unix(), soon.deadline("R02", 1).DueAt.Unix(), "and both are kept")
}

func TestD02TheReplyCountsWhenThePlatformHasIt(t *testing.T) {
	s := order(t, time.Time{}).handled()
	s.make(time.Hour, MoveSettle, handler)
	require.False(t, s.deadline("R02", 1).MetAt.IsZero())
	require.NotNil(t, s.ticket.Running("D02"), "the caller has a reply, the platform has not")
	s.make(time.Hour, MoveStartCallback, caller)
	s.make(0, MoveCallback, caller)
	require.Equal(t, Closed, s.ticket.State)
	require.NotNil(t, s.ticket.Running("D02"), "closing the ticket does not report it")
	s.after(0, func(t *Ticket, at time.Time) ([]Event, error) { return t.Report(agent, ActSign, 1, ByPaste, at) })
	require.NotNil(t, s.ticket.Running("D02"), "a signature is no reply")
	s.report(time.Hour)
	require.Nil(t, s.ticket.Running("D02"))
	require.Equal(t, s.now, s.ticket.ReportedAt)
}

func TestD04YellowAtOneWorkingDayLeftRedWhenItIsOver(t *testing.T) {
	for _, c := range []struct {
		name        string
		due         time.Time
		yellow, red time.Time
	}{
		{"five working days from Monday noon", time.Time{}, endOf(6), endOf(9)}, // Friday 24:00: Monday is left
		{"the order's own Thursday 17:00", time.Date(2026, 3, 5, 17, 0, 0, 0, Beijing),
			time.Date(2026, 3, 4, 17, 0, 0, 0, Beijing), time.Date(2026, 3, 5, 17, 0, 0, 0, Beijing)},
		{"a Sunday counts as the Friday before it", time.Date(2026, 3, 8, 17, 0, 0, 0, Beijing),
			endOf(5), time.Date(2026, 3, 8, 17, 0, 0, 0, Beijing)},
		{"less than a day is left when it comes", noon.Add(2 * time.Hour), noon, noon.Add(2 * time.Hour)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := order(t, c.due)
			kinds := func(at time.Time) []EventKind {
				var out []EventKind
				s.sweep(at.Sub(noon))
				for _, e := range s.history {
					if strings.Contains(string(e.Data), `"rule":"D02"`) {
						out = append(out, e.Kind)
					}
				}
				return out
			}
			due := s.deadline("D02", 1).Due()
			if c.yellow.After(noon) {
				require.Empty(t, kinds(c.yellow.Add(-time.Second)))
				require.False(t, s.rules.Nearing("D02", due, c.yellow.Add(-time.Second)))
			}
			require.Equal(t, []EventKind{EventWarned}, kinds(c.yellow))
			require.True(t, s.rules.Nearing("D02", due, c.yellow))
			require.Equal(t, []EventKind{EventWarned}, kinds(c.red.Add(-time.Second)))
			require.Equal(t, []EventKind{EventWarned, EventBreached}, kinds(c.red))
			require.Equal(t, c.red.Unix(), s.deadline("D02", 1).BreachedAt.Unix())
		})
	}
}

func TestD01AReturnHasTwoWorkingDaysFromTheReceiptOfTheOrder(t *testing.T) {
	s := order(t, time.Time{})
	s.make(time.Hour, MoveAccept, agent)
	s.make(30*time.Hour, MoveAskReturn, agent) // on the second working day
	require.Equal(t, endOf(4).Unix(), s.deadline("D01", 1).DueAt.Unix(), "asking late buys no time")
	require.Equal(t, endOf(3).Unix(), s.deadline("D01", 1).NextAt.Unix(), "yellow with one working day left")
	s.make(time.Hour, MoveApproveReturn, supervisor)
	require.False(t, s.deadline("D01", 1).MetAt.IsZero())
	require.Nil(t, s.ticket.NextDue())
	require.Equal(t, Return{Reason: "居民要求尽快处理", Owner: "物业公司", By: agent.Name, At: noon.Add(31 * time.Hour),
		Approver: supervisor.Name, Decided: noon.Add(32 * time.Hour)}, s.ticket.Return)

	late := order(t, time.Time{})
	late.make(time.Hour, MoveAccept, agent)
	late.make(72*time.Hour, MoveAskReturn, agent) // on Thursday
	late.sweep(74 * time.Hour)
	require.Equal(t, endOf(4).Unix(), late.deadline("D01", 1).BreachedAt.Unix(), "a late return is on record")
	late.make(time.Hour, MoveRefuseReturn, supervisor)
	require.Nil(t, late.ticket.Running("D01"))
	require.NotNil(t, late.ticket.Running("D02"), "what is ours goes on as if nobody had asked")
}

func TestD01AReturnThat12345RefusesBuysNoTime(t *testing.T) {
	s := order(t, time.Time{})
	s.make(time.Hour, MoveAccept, agent)
	s.make(time.Hour, MoveAskReturn, agent)
	s.make(time.Hour, MoveApproveReturn, supervisor)
	s.after(20*time.Hour, func(t *Ticket, at time.Time) ([]Event, error) {
		return t.Reorder(hotline, "退回办理单：属于你单位职责", time.Time{}, at)
	})
	require.Equal(t, Accepted, s.ticket.State, "it was never dispatched")
	require.Equal(t, noon.Add(48*time.Hour).Unix(), s.ticket.Running("R02").DueAt.Unix())
	require.Equal(t, endOf(9).Unix(), s.ticket.Running("D02").DueAt.Unix())
	require.Nil(t, s.ticket.Running("D05"), "the first clock goes on, no second one beside it")
}

func TestD05ARedoHasAClockOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		name string
		due  time.Time
		want time.Time
	}{
		{"with the time the platform names", noon.Add(72 * time.Hour), noon.Add(72 * time.Hour)},
		{"with five working days when it names none", time.Time{}, endOf(10)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := order(t, noon.Add(24*time.Hour)).handled()
			s.make(time.Hour, MoveSettle, handler)
			s.report(time.Hour)
			require.NotNil(t, s.ticket.Running("R06"))
			s.after(24*time.Hour, func(t *Ticket, at time.Time) ([]Event, error) {
				return t.Reorder(hotline, "重新办理单", c.due, at)
			})
			require.Equal(t, Processing, s.ticket.State)
			require.Equal(t, c.want.Unix(), s.deadline("D05", 1).DueAt.Unix())
			require.Nil(t, s.ticket.Running("R06"), "there is no reply to call back about")
			require.NotNil(t, s.ticket.Running("R08"))
			s.make(time.Hour, MoveSettle, handler)
			require.True(t, s.ticket.ReportedAt.IsZero(), "the second reply has yet to be reported")
			require.NotNil(t, s.ticket.Running("D05"))
			s.report(time.Hour)
			require.Nil(t, s.ticket.Running("D05"))
		})
	}
}

// extend asks for an extension and has it granted.
func (s *scene) extend(d time.Duration, until time.Time) error {
	s.now = s.now.Add(d)
	before := *s.ticket
	before.Deadlines = slices.Clone(before.Deadlines)
	events, err := s.ticket.AskExtension(handler, Extension{Until: until, Reason: "需要开挖路面", Told: "已电话告知来电人"}, s.now)
	if err == nil {
		err = s.rules.Run(s.ticket, events)
	}
	if err != nil {
		*s.ticket = before // nothing of it is saved
		return err
	}
	s.make(0, MoveGrantExtension, supervisor)
	return nil
}

func TestD03AnExtensionIsAskedBeforeTheDueTimeAndIsTenWorkingDaysAtMost(t *testing.T) {
	s := order(t, time.Time{}).handled()
	wantInput(t, s.extend(time.Hour, endOf(24)), "until", TooLate) // the eleventh working day after 9 March
	require.NoError(t, s.extend(0, endOf(13)))
	for _, rule := range []string{"R02", "D02"} {
		d := s.deadline(rule, 1)
		require.Equal(t, endOf(13).Unix(), d.ExtendedTo.Unix(), "the extension moves %s", rule)
		require.NotEqual(t, d.DueAt, d.ExtendedTo, "both dates are kept")
	}
	require.Equal(t, handler.Name, s.ticket.Extension.By)

	wantInput(t, s.extend(time.Hour, endOf(24)), "until", TooLate) // several together are not longer
	require.NoError(t, s.extend(0, endOf(23)))
	require.Equal(t, endOf(20).Unix(), s.deadline("D02", 1).NextAt.Unix(), "yellow comes again, one working day before the new end")

	wantInput(t, s.extend(endOf(23).Sub(s.now), endOf(24)), "until", TooLate) // it is over
}

func TestD03TheTwoDaysMayBeOverWhileTheOrderHasTime(t *testing.T) {
	s := order(t, time.Time{}).handled()
	s.sweep(50 * time.Hour)
	require.NoError(t, s.extend(50*time.Hour, endOf(12)))
	require.True(t, s.deadline("R02", 1).ExtendedTo.IsZero(), "what was missed is not excused afterwards")
	require.False(t, s.deadline("R02", 1).BreachedAt.IsZero())
	require.Equal(t, endOf(12).Unix(), s.deadline("D02", 1).ExtendedTo.Unix())
	late := order(t, noon.Add(time.Hour)).handled()
	wantInput(t, late.extend(49*time.Hour, endOf(12)), "until", TooLate)
}

func TestD04TheYellowWarningOfAnExtensionIsANewNotice(t *testing.T) {
	s := order(t, time.Date(2026, 3, 3, 18, 0, 0, 0, Beijing)).handled()
	s.sweep(10 * time.Hour)
	require.NoError(t, s.extend(10*time.Hour, endOf(5)))
	s.sweep(endOf(5).Sub(noon))
	keys := map[string]int{}
	for _, n := range s.notices {
		if n.Rule == "D02" {
			keys[n.Key]++
		}
	}
	for key, n := range keys {
		require.Equal(t, 1, n, key)
	}
	require.Len(t, keys, 2+2+3, "yellow for two, yellow again for two, red for three")
}

func TestK10ADuplicateIsRepliedToWithItsMasterAndCalledBackOnItsOwn(t *testing.T) {
	d, s, c := service(t)
	ctx := context.Background()
	open := func(no string) Change {
		k, err := d.Open(ctx, hotline, Opening{Kind: Complaint, Category: Leak, Source: From12345, ExternalNo: no, Description: "漏水"})
		require.NoError(t, err)
		return Change{By: agent, Scope: Everything, No: k.No}
	}
	master, twin := open("260302115900000001"), open("260302115900000002")
	_, err := d.Merge(ctx, c, master.No)
	require.NoError(t, err)
	_, err = d.Merge(ctx, twin, master.No)
	require.NoError(t, err)
	require.NotNil(t, at(s, twin.No).Running("R01"), "its customer is still owed a contact")
	_, err = d.Merge(ctx, master, twin.No)
	wantInput(t, err, "master_no", Invalid)

	for _, m := range []Move{MoveAccept, MoveDispatch, MoveSign, MoveStart, MoveSettle} {
		by := agent
		if m == MoveSettle {
			by = handler
		}
		_, err := d.Make(ctx, Change{By: by, Scope: Everything, No: master.No}, func(k *Ticket, now time.Time) ([]Event, error) {
			return make1(k, m, by, now)
		})
		require.NoError(t, err)
	}
	for _, no := range []string{c.No, twin.No} {
		k := at(s, no)
		require.Equal(t, Settled, k.State, "%s has the master's reply", no)
		require.Equal(t, "已更换阀门并冲洗管道。", k.Settlement.Reply)
		require.Equal(t, master.No, k.MasterNo)
		require.NotNil(t, k.Running("R06"), "and is called back on its own")
		require.Equal(t, handler.ID, k.Handler.ID)
	}
	require.Empty(t, at(s, twin.No).Settlement.Order.CallerSays, "how the caller took it is each one's own")
	_, err = d.Merge(ctx, open("260302115900000003"), master.No)
	wantInput(t, err, "master_no", Invalid) // its reply has been given
}

func at(s *shelf, no string) *Ticket { k := s.tickets[no]; return &k }

func TestADuplicateOfAReturnedMasterGoesItsOwnWay(t *testing.T) {
	d, s, c := service(t)
	ctx := context.Background()
	k, err := d.Open(ctx, hotline, Opening{Kind: Complaint, Category: Leak, Source: From12345, ExternalNo: "260302115900000001", Description: "漏水"})
	require.NoError(t, err)
	_, err = d.Merge(ctx, c, k.No)
	require.NoError(t, err)
	for _, m := range []Move{MoveAccept, MoveAskReturn, MoveApproveReturn} {
		_, err := d.Make(ctx, Change{By: supervisor, Scope: Everything, No: k.No}, func(k *Ticket, now time.Time) ([]Event, error) {
			return make1(k, m, supervisor, now)
		})
		require.NoError(t, err)
	}
	left := at(s, c.No)
	require.Equal(t, Accepted, left.State)
	require.Empty(t, left.MasterNo)
	require.NotNil(t, left.Running("R02"), "its clocks have never stopped")
}

func TestADepartmentThatHelpsSignsOffForItsOwnPart(t *testing.T) {
	s := order(t, time.Time{}).handled()
	before := len(s.ticket.Deadlines)
	helper := Actor{Kind: ByStaff, ID: 7, Name: "水质员", Department: Departments[1]}
	ask := func(to string) error {
		_, err := s.ticket.Assist(handler, to, "请取样检测", s.now)
		return err
	}
	s.ticket.Department = Departments[0]
	require.NoError(t, ask(Departments[1]))
	wantInput(t, ask(Departments[1]), "department", Invalid)
	wantInput(t, ask(Departments[0]), "department", Invalid)
	require.Len(t, s.ticket.Deadlines, before, "the clocks go on")
	require.NotNil(t, s.ticket.Running("D02"))

	require.Equal(t, []Move{MoveAssistDone, MoveNote, MoveSupplement}, s.ticket.Moves(helper), "the rest is for who is responsible")
	_, err := s.ticket.AssistDone(handler, Departments[1], "已检测合格", s.now)
	require.ErrorIs(t, err, ErrForbidden, "nobody signs off for another department")
	s.after(time.Hour, func(t *Ticket, at time.Time) ([]Event, error) {
		return t.AssistDone(helper, "", "水样检测合格", at)
	})
	require.Equal(t, "水样检测合格", s.ticket.Assists[0].Result)
	require.False(t, s.ticket.Assists[0].Open())
	var step *StepError
	_, err = s.ticket.AssistDone(helper, "", "再签一次", s.now)
	require.True(t, errors.As(err, &step) && step.Missing == MoveAssist)
	require.Equal(t, Processing, s.ticket.State)
}

func TestTheReplyBlockIsCompletedFromWhatTheTicketKnows(t *testing.T) {
	s := order(t, time.Time{}).handled()
	s.make(time.Hour, MoveSettle, handler)
	o := s.ticket.Settlement.Order
	require.Equal(t, &OrderReply{Type: FinalAnswer, AnsweredAt: s.now, AnsweredBy: handler.Name, Unit: ReplyUnit,
		SubUnit: s.ticket.Department, Public: s.ticket.Settlement.Reply, ContactName: handler.Name}, o)

	ordinary := complaint(t).handled()
	ordinary.after(0, func(t *Ticket, at time.Time) ([]Event, error) {
		return t.Settle(handler, Settlement{Outcome: Solved, Measures: "更换阀门", Reply: "已更换阀门并冲洗管道。", Order: &OrderReply{}}, at)
	})
	require.Nil(t, ordinary.ticket.Settlement.Order, "only an order has one")
}

func TestAReplyBlockThatIsWrongNamesTheField(t *testing.T) {
	for _, c := range []struct {
		field   string
		problem Problem
		outcome Outcome
		order   OrderReply
	}{
		{"answer_type", Invalid, Solved, OrderReply{Type: "maybe"}},
		{"expected_at", Missing, Partly, OrderReply{Type: InterimAnswer, UnsolvedReason: "待开挖"}},
		{"unsolved_reason", Missing, Unsolved, OrderReply{Type: FinalAnswer}},
		{"unsolved_reason", Missing, Partly, OrderReply{}},
		{"caller_says", Invalid, Solved, OrderReply{CallerSays: "great"}},
		{"answered_at", TooLate, Solved, OrderReply{AnsweredAt: noon.Add(100 * time.Hour)}},
		{"public", TooLong, Solved, OrderReply{Public: strings.Repeat("长", 4001)}},
		{"attachments", Missing, Solved, OrderReply{Attachments: []string{""}}},
		{"attachments", TooLong, Solved, OrderReply{Attachments: make([]string, 21)}},
	} {
		t.Run(fmt.Sprint(c.field, c.problem), func(t *testing.T) {
			s := order(t, time.Time{}).handled()
			_, err := s.ticket.Settle(handler, Settlement{Outcome: c.outcome, Measures: "更换阀门", Reply: "已更换阀门并冲洗管道。", Order: &c.order}, s.now)
			wantInput(t, err, c.field, c.problem)
			require.Equal(t, Processing, s.ticket.State)
		})
	}
}

func TestNobodySaysInThePlatformsPlaceWhatItAnswered(t *testing.T) {
	s := order(t, time.Time{}).handled()
	_, err := s.ticket.Report(agent, ActReply, 1, ByConnection, s.now)
	require.ErrorIs(t, err, ErrForbidden)
	_, err = s.ticket.Refused(agent, ActReply, 1, "不收", s.now)
	require.ErrorIs(t, err, ErrForbidden)
	_, err = s.ticket.Report(agent, "dance", 1, ByPaste, s.now)
	wantInput(t, err, "act", Invalid)
	_, err = s.ticket.Report(agent, ActReply, 1, "carrier pigeon", s.now)
	wantInput(t, err, "way", Invalid)
}

func TestTheVeilTakesWhoAndWhereOutOfAConfidentialText(t *testing.T) {
	s := order(t, time.Time{})
	s.ticket.ContactName, s.ticket.Address.Text, s.ticket.Address.Community = "张三丰", "文化东路88号3号楼", "文东小区"
	text := "张三丰（138 1234 5678，文化东路88号3号楼，文东小区）反映漏水，请回电13812345678，热线0531-85812345"
	require.Equal(t, text, s.ticket.Veil(text))
	s.ticket.Confidential = true
	veiled := s.ticket.Veil(text)
	for _, secret := range []string{"张三丰", "138 1234 5678", "13812345678", "文化东路88号", "文东小区"} {
		require.NotContains(t, veiled, secret)
	}
	require.Contains(t, veiled, "0531-85812345", "our own number is no secret")
}
