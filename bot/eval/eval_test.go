package eval_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	"quandesk/bot/eval"
	"quandesk/bot/rules"
)

func TestRulesReachTheirFloorsOnTheEvaluationSet(t *testing.T) {
	f, err := os.Open("../../../shared/eval/messages.jsonl")
	if err != nil {
		t.Skip("the evaluation set is not here: ", err)
	}
	defer f.Close()
	u, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	r, err := eval.Messages(t.Context(), u, f)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("intent %v category %v application %v", r.Intent, r.Category, r.Application)
	t.Logf("urgent recall %v precision %v", r.UrgentRecall, r.UrgentPrecision)
	t.Logf("phone %v address %.3f (found %v) community %v road %v district %v ticket %v time %v name %v",
		r.Phone, r.AddressF1, r.AddressFound, r.Community, r.Road, r.District, r.Ticket, r.Time, r.Name)
	t.Logf("complaints as inquiries %d", r.ComplaintAsInquiry)
	for _, k := range slices.Sorted(maps.Keys(r.ByIntent)) {
		t.Logf("%-14s %v", k, r.ByIntent[k])
	}
	for _, k := range slices.Sorted(maps.Keys(r.ByStyle)) {
		t.Logf("%-14s %v", k, r.ByStyle[k])
	}
	for _, k := range slices.Sorted(maps.Keys(r.Confused)) {
		t.Logf("%3d %s", r.Confused[k], k)
	}
	// Floors may rise and never fall.
	for _, f := range []struct {
		name      string
		got, want float64
	}{
		{"intent", r.Intent.Value(), 0.90}, {"category", r.Category.Value(), 0.85},
		{"application", r.Application.Value(), 0.90}, {"urgent recall", r.UrgentRecall.Value(), 0.98},
		{"urgent precision", r.UrgentPrecision.Value(), 0.80}, {"phone", r.Phone.Value(), 0.97},
		{"address", r.AddressF1, 0.90},
	} {
		if f.got < f.want {
			t.Errorf("%s is %.3f, the floor is %.2f", f.name, f.got, f.want)
		}
	}
}
