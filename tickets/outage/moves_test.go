package outage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/tickets/outage"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.FixedZone("CST", 8*3600))

func works() outage.Form {
	return outage.Form{
		Kind: outage.Planned, StartAt: noon.Add(60 * time.Hour), EndAt: noon.Add(70 * time.Hour), Reason: "管道改造", Contact: "55501234",
		Area: outage.Area{Districts: []string{"历下"}, Compounds: []string{"甸柳新村三区"}},
	}
}

func draft(t *testing.T, f outage.Form) *outage.Notice {
	t.Helper()
	n, events, err := outage.New("值班长", f, noon)
	require.NoError(t, err)
	require.Len(t, events, 1)
	return n
}

func faultsOf(t *testing.T, err error) []outage.Fault {
	t.Helper()
	var e *outage.FaultError
	require.ErrorAs(t, err, &e)
	return e.Faults
}

func TestNothingIsPublishedWithoutAreaTimesReasonAndContact(t *testing.T) { // R14, clause 7.3.1
	_, err := draft(t, outage.Form{Kind: outage.Planned}).Publish("", noon)
	require.Equal(t, []outage.Fault{
		{Field: "area", Problem: outage.Missing}, {Field: "start_at", Problem: outage.Missing}, {Field: "end_at", Problem: outage.Missing},
		{Field: "reason", Problem: outage.Missing}, {Field: "contact_info", Problem: outage.Missing},
	}, faultsOf(t, err), "all at once")
	for field, spoil := range map[string]func(*outage.Form){
		"area":         func(f *outage.Form) { f.Area.Compounds = nil },
		"start_at":     func(f *outage.Form) { f.StartAt = time.Time{} },
		"end_at":       func(f *outage.Form) { f.EndAt = time.Time{} },
		"reason":       func(f *outage.Form) { f.Reason = " " },
		"contact_info": func(f *outage.Form) { f.Contact = "" },
	} {
		f := works()
		spoil(&f)
		_, err := draft(t, f).Publish("", noon)
		require.Equal(t, field, faultsOf(t, err)[0].Field)
	}
	f := works()
	f.Area = outage.Area{Districts: []string{"历下区"}, Bounds: "东至山大路"}
	_, err = draft(t, f).Publish("", noon)
	require.NoError(t, err, "a boundary is an area too")
}

func TestHowEarlyANoticeIs(t *testing.T) { // R15: 6.3 wants 48 hours, 7.3.1 allows 24, and 48 when large or long
	for _, c := range []struct {
		name             string
		before, takes    time.Duration
		households       int
		short, violation bool
		warns            []outage.Warning
	}{
		{"48 hours", 48 * time.Hour, 8 * time.Hour, 0, false, false, nil},
		{"a minute less", 48*time.Hour - time.Minute, 8 * time.Hour, 0, true, false, []outage.Warning{outage.WarnShort}},
		{"24 hours", 24 * time.Hour, 8 * time.Hour, 0, true, false, []outage.Warning{outage.WarnShort}},
		{"a minute less than 24", 24*time.Hour - time.Minute, 8 * time.Hour, 0, true, true, []outage.Warning{outage.WarnLate}},
		{"begun already", -time.Minute, 8 * time.Hour, 0, true, true, []outage.Warning{outage.WarnLate}},
		{"999 households", 30 * time.Hour, 8 * time.Hour, 999, true, false, []outage.Warning{outage.WarnShort}},
		{"1,000 households", 30 * time.Hour, 8 * time.Hour, 1000, true, true, []outage.Warning{outage.WarnLarge}},
		{"12 hours long", 30 * time.Hour, 12 * time.Hour, 0, true, true, []outage.Warning{outage.WarnLarge}},
		{"12 hours long, 48 before", 48 * time.Hour, 12 * time.Hour, 0, false, false, nil},
		{"longer than a day", 72 * time.Hour, 25 * time.Hour, 0, false, false, []outage.Warning{outage.WarnLong}},
	} {
		f := works()
		f.StartAt, f.EndAt, f.Households = noon.Add(c.before), noon.Add(c.before+c.takes), c.households
		require.Equal(t, outage.Lead{Before: c.before, Short: c.short, Violation: c.violation}, f.Lead(noon), c.name)
		require.Equal(t, c.warns, f.Warnings(noon), c.name)
		n := draft(t, f)
		_, err := n.Publish("", noon)
		if !c.violation {
			require.NoError(t, err, c.name)
			continue
		}
		require.Equal(t, []outage.Fault{{Field: "late_reason", Problem: outage.Missing}}, faultsOf(t, err), c.name)
		require.Equal(t, outage.Draft, n.State)
		events, err := n.Publish("突发渗漏，不能等", noon)
		require.NoError(t, err, "residents must know, late as it is")
		require.Equal(t, true, events[0].Data["violation"])
		require.Equal(t, "突发渗漏，不能等", events[0].Data["late_reason"])
	}
}

func TestAnEmergencyHasNoLeadButIsSlowAfterHalfAnHour(t *testing.T) { // R18
	f := works()
	f.Kind, f.StartAt, f.DecidedAt = outage.Emergency, noon, noon.Add(-31*time.Minute)
	f.EndAt = noon.Add(6 * time.Hour)
	require.Equal(t, outage.Lead{}, f.Lead(noon))
	require.Equal(t, []outage.Warning{outage.WarnSlow}, f.Warnings(noon))
	_, err := draft(t, f).Publish("", noon)
	require.NoError(t, err)
}

func TestALaterEndNeedsItsReason(t *testing.T) { // R16
	n := draft(t, works())
	_, err := n.Extend(noon.Add(80*time.Hour), "x", noon)
	require.ErrorIs(t, err, outage.ErrState, "only what is published")
	_, err = n.Publish("", noon)
	require.NoError(t, err)
	_, err = n.Extend(noon.Add(80*time.Hour), " ", noon)
	require.Equal(t, []outage.Fault{{Field: "extend_reason", Problem: outage.Missing}}, faultsOf(t, err))
	_, err = n.Extend(noon.Add(65*time.Hour), "提前", noon)
	require.Equal(t, []outage.Fault{{Field: "until", Problem: outage.Past}}, faultsOf(t, err))
	first := n.EndAt
	_, err = n.Extend(noon.Add(80*time.Hour), "接口渗漏", noon.Add(71*time.Hour))
	require.NoError(t, err)
	require.True(t, n.FirstEndAt.Equal(first))
	require.True(t, n.EndAt.Equal(noon.Add(80*time.Hour)))
}

func TestTheWaterIsBackWhenItIsAtTheTap(t *testing.T) {
	n := draft(t, works())
	_, err := n.Publish("", noon)
	require.NoError(t, err)
	now := noon.Add(72 * time.Hour)
	for _, wrong := range []outage.Back{
		{}, {RestoredAt: now.Add(time.Minute)}, {RestoredAt: noon}, {RestoredAt: now.Add(-2 * time.Hour), BeganAt: now.Add(-time.Hour)},
	} {
		_, err := n.Restore(wrong, now)
		require.Equal(t, "restored_at", faultsOf(t, err)[0].Field)
	}
	_, err = n.Restore(outage.Back{RestoredAt: now.Add(-time.Hour)}, now)
	require.Equal(t, []outage.Fault{{Field: "late_restored", Problem: outage.Missing}}, faultsOf(t, err), "later than published needs a reason")
	_, err = n.Restore(outage.Back{RestoredAt: now.Add(-time.Hour), Reason: "冲洗延时"}, now)
	require.NoError(t, err)
	require.Equal(t, outage.Restored, n.State)
	require.True(t, n.Told(now.Add(22*time.Hour)))
	require.False(t, n.Told(now.Add(24*time.Hour)))
	_, err = n.Withdraw("x", now)
	require.ErrorIs(t, err, outage.ErrState)
}

func TestWhatIsPublishedIsNotRewritten(t *testing.T) {
	n := draft(t, works())
	_, err := n.Change(works(), noon)
	require.NoError(t, err)
	_, err = n.Publish("", noon)
	require.NoError(t, err)
	_, err = n.Change(works(), noon)
	require.ErrorIs(t, err, outage.ErrState)
	_, err = n.Publish("", noon)
	require.ErrorIs(t, err, outage.ErrState)
	_, err = n.Withdraw("", noon)
	require.Equal(t, []outage.Fault{{Field: "withdraw_reason", Problem: outage.Missing}}, faultsOf(t, err))
}

func TestADraftSaysNothingImpossible(t *testing.T) {
	for field, spoil := range map[string]func(*outage.Form){
		"kind":       func(f *outage.Form) { f.Kind = "rumour" },
		"end_at":     func(f *outage.Form) { f.EndAt = f.StartAt },
		"households": func(f *outage.Form) { f.Households = -1 },
	} {
		f := works()
		spoil(&f)
		_, _, err := outage.New("", f, noon)
		require.Equal(t, []outage.Fault{{Field: field, Problem: outage.Invalid}}, faultsOf(t, err))
	}
}

func TestAPlaceInADistrictThatIsNotNamedIsPointedOut(t *testing.T) {
	f := works()
	f.Area.Compounds = append(f.Area.Compounds, "王官庄小区")
	n := draft(t, f)
	require.Equal(t, []string{"历下区"}, n.Area.Districts, "written in full")
	require.Contains(t, n.Warnings(noon), outage.WarnDistrict)
	f.Area = outage.Area{Districts: []string{"历下区"}, Bounds: "东至山大路"}
	require.Equal(t, []outage.Warning{outage.WarnUnread}, f.Warnings(noon))
}
