package phone

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"quandesk/tickets"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, tickets.Beijing)

func told(kind Kind, extension string, after time.Duration) Event {
	return Event{CallID: "c-1", Kind: kind, Extension: extension, Number: "13812345678", At: noon.Add(after),
		Agent: tickets.Person{ID: int64(len(extension)) * 100, Name: extension}}
}

func TestACallIsWhatItsEventsComeTo(t *testing.T) {
	for name, c := range map[string]struct {
		events           []Event
		state, extension string
	}{
		"it rings":                       {[]Event{told(Ringing, "801", 0)}, "ringing", "801"},
		"it is answered":                 {[]Event{told(Ringing, "801", 0), told(Answered, "801", 5*time.Second)}, "answered", "801"},
		"it rings on at a colleague's":   {[]Event{told(Ringing, "801", 0), told(Ringing, "802", 20*time.Second)}, "ringing", "802"},
		"a colleague answers":            {[]Event{told(Ringing, "801", 0), told(Ringing, "802", 0), told(Answered, "801", time.Second)}, "answered", "801"},
		"it is passed on":                {[]Event{told(Answered, "801", 0), told(Answered, "802", time.Minute)}, "answered", "802"},
		"nobody answers":                 {[]Event{told(Ringing, "801", 0), told(Ended, "", time.Minute)}, "missed", "801"},
		"it ends":                        {[]Event{told(Ringing, "801", 0), told(Answered, "801", time.Second), told(Ended, "801", time.Minute)}, "ended", "801"},
		"the word of the answer is late": {[]Event{told(Ended, "", time.Minute), told(Answered, "801", time.Second)}, "ended", "801"},
		"only its end was told":          {[]Event{told(Ended, "", 0)}, "missed", ""},
		"nobody tells of its end":        {[]Event{told(Ringing, "801", 0), told(LostRinging, "", 3*time.Minute)}, "missed", "801"},
		"its answer is told after that":  {[]Event{told(LostRinging, "", 3*time.Minute), told(Ringing, "801", 0), told(Answered, "801", time.Second)}, "answered", "801"},
		"nobody tells that they hung up": {[]Event{told(Answered, "801", 0), told(LostRinging, "", time.Minute), told(LostTalking, "", 2*time.Hour)}, "ended", "801"},
	} {
		t.Run(name, func(t *testing.T) {
			call := Fold(c.events)
			require.Equal(t, c.extension, call.Extension)
			require.Equal(t, "13812345678", call.Number)
			require.Equal(t, c.state == "missed", call.Missed())
			require.Equal(t, c.state == "ended" || c.state == "missed", !call.EndedAt.IsZero())
			require.Equal(t, c.state == "answered" || c.state == "ended", !call.AnsweredAt.IsZero())
		})
	}
}

func TestF02TheOrderInWhichEventsArriveMakesNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) Event {
			e := told(rapid.SampledFrom(order).Draw(t, "kind"), rapid.SampledFrom([]string{"", "801", "8002"}).Draw(t, "extension"),
				time.Duration(rapid.IntRange(0, 3).Draw(t, "seconds"))*time.Second)
			e.Number = rapid.SampledFrom([]string{"", "13812345678", "8001"}).Draw(t, "number")
			e.Direction = rapid.SampledFrom([]Direction{"", Inbound, Outbound}).Draw(t, "direction")
			return e
		})
		events := rapid.SliceOfNDistinct(one, 1, 6, func(e Event) string { return string(e.Kind) + e.Extension }).Draw(t, "events")
		other := rapid.Permutation(events).Draw(t, "order")
		if a, b := Fold(events), Fold(other); a != b {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

func TestOnlyWhoAnsweredHasSpoken(t *testing.T) {
	c := Fold([]Event{told(Ringing, "801", 0), told(Answered, "801", time.Second)})
	line, ok := c.Spoken(300)
	require.True(t, ok)
	require.Equal(t, noon.Add(time.Second), line.AnsweredAt)
	_, ok = c.Spoken(7)
	require.False(t, ok, "a colleague")
	_, ok = c.Spoken(0)
	require.False(t, ok, "nobody")
	_, ok = Fold([]Event{told(Ringing, "801", 0)}).Spoken(300)
	require.False(t, ok, "it only rang")
}

func TestTheEndThatIsToldLateIsTheEnd(t *testing.T) {
	lost := Fold([]Event{told(Answered, "801", 0), told(LostTalking, "", 2*time.Hour)})
	require.True(t, lost.Lost)
	line, ok := lost.Spoken(300)
	require.True(t, ok)
	require.True(t, line.Ended.IsZero(), "when they hung up nobody knows, and nobody claims to")
	late := Fold([]Event{told(Answered, "801", 0), told(LostTalking, "", 2*time.Hour), told(Ended, "", 4*time.Minute)})
	require.False(t, late.Lost)
	require.True(t, late.EndedAt.Equal(noon.Add(4*time.Minute)))
	_, err := Report{CallID: "c-1", Kind: string(LostRinging)}.Event(noon)
	require.Error(t, err, "no exchange says that of itself")
}

func TestWhatAnExchangeReports(t *testing.T) {
	good := Report{CallID: "c-1", Kind: "ringing", Caller: "+86 138-1234-5678", Callee: "96116", Extension: "801"}
	e, err := good.Event(noon)
	require.NoError(t, err)
	require.Equal(t, Event{CallID: "c-1", Kind: Ringing, Number: "13812345678", Line: "96116", Extension: "801", At: noon}, e)
	out := good
	out.Direction, out.Caller, out.Callee = "outbound", "96116", "053188881234"
	e, err = out.Event(noon)
	require.NoError(t, err)
	require.Equal(t, "0531-88881234", e.Number)
	require.Equal(t, "96116", e.Line)
	for field, change := range map[string]func(*Report){
		"call_id":   func(r *Report) { r.CallID = "a b" },
		"event":     func(r *Report) { r.Kind = "transferred" },
		"direction": func(r *Report) { r.Direction = "sideways" },
		"extension": func(r *Report) { r.Extension = "8001; DROP" },
		"at":        func(r *Report) { r.At = noon.Add(time.Hour) },
	} {
		bad := good
		change(&bad)
		_, err := bad.Event(noon)
		var input *tickets.InputError
		require.ErrorAs(t, err, &input, field)
		require.Equal(t, field, input.Field)
	}
	soon := good
	soon.At = noon.Add(time.Minute)
	e, err = soon.Event(noon)
	require.NoError(t, err)
	require.Equal(t, noon, e.At, "a clock that is ahead does not make the future")
}

func TestAWithheldNumberIsNone(t *testing.T) {
	for text, want := range map[string]string{
		"anonymous": "", "": "", "unknown": "", "8001": "8001", "13812345678": "13812345678", "sip:1@x": "", "０１０": "", "*97": "*97",
		"010-66668888": "010-66668888", "88881234": "0531-88881234",
	} {
		require.Equal(t, want, Number(text), text)
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"", "anonymous", "+8613812345678", "8001", "\x00", "13812345678;ext=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n := Number(s); n != "" && Number(n) != n {
			t.Errorf("%q is %q and then %q", s, n, Number(n))
		}
	})
}
