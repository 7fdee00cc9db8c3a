package eval_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot/eval"
)

// since is the first commit whose baseline.json has floors by set.
const since = "2b3bc70e486dec0523f871dde581bfc1020afba4"

// lowering is a line of lowered.json: a figure that was lowered on purpose, or
// taken out (to null), and why.
type lowering struct {
	Figure string // set/figure
	From   float64
	To     *float64
	Why    string
}

// baseline is one version of baseline.json.
type baseline struct {
	of     string
	floors map[string]eval.Floors
}

// TestNoFigureIsLoweredWithoutAReason walks through all versions of
// baseline.json that have landed, to the one that is on disk.
func TestNoFigureIsLoweredWithoutAReason(t *testing.T) {
	var lowered []lowering
	open(t, "lowered.json", &lowered)
	for _, l := range lowered {
		require.NotEmpty(t, strings.TrimSpace(l.Why), "%s was lowered without a reason", l.Figure)
	}
	now := baseline{of: "on disk"}
	open(t, "baseline.json", &now.floors)
	held := map[string]float64{}
	for _, b := range append(landed(t), now) {
		for _, f := range fallen(held, b.floors, lowered) {
			t.Errorf("baseline.json %s: %s: name it in lowered.json with its reason, or put it back", b.of, f)
		}
	}
}

func open(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, v), name)
}

// landed are the versions since the first one, oldest first. Where there is no
// history, or it was cut off, the test is skipped and says so.
func landed(t *testing.T) []baseline {
	t.Helper()
	if _, err := os.Stat("../../.git"); err != nil {
		t.Skip("not a clone: the history of baseline.json cannot be read")
	}
	log := exec.CommandContext(t.Context(), "git", "log", "--reverse", "--first-parent", "--diff-merges=first-parent", "-p",
		"--unified=1000000", "--no-color", "--no-ext-diff", "--format=commit %h", since+"^..HEAD", "--", "baseline.json")
	out, err := log.CombinedOutput()
	if err != nil {
		t.Skipf("the history of baseline.json cannot be read: %v: %s", err, out)
	}
	var list []baseline
	for version := range strings.SplitSeq(strings.TrimPrefix(string(out), "commit "), "\ncommit ") {
		of, diff, _ := strings.Cut(version, "\n")
		_, diff, _ = strings.Cut(diff, "\n@@ ")
		var after strings.Builder
		for _, line := range strings.Split(diff, "\n")[1:] {
			if strings.HasPrefix(line, "+") || strings.HasPrefix(line, " ") {
				after.WriteString(line[1:] + "\n")
			}
		}
		b := baseline{of: "in " + of}
		require.NoError(t, json.Unmarshal([]byte(after.String()), &b.floors), of)
		list = append(list, b)
	}
	return list
}

// fallen lists the figures that fell below what was held and are not named,
// and holds what is there now.
func fallen(held map[string]float64, floors map[string]eval.Floors, lowered []lowering) []string {
	next := map[string]float64{}
	for set, figures := range floors {
		for name, v := range figures {
			next[set+"/"+name] = v
		}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(held)) {
		from := held[name]
		to, there := next[name]
		worse := !there || to < from
		if there && strings.HasSuffix(name, "/over_refusal") {
			worse = to > from
		}
		named := slices.ContainsFunc(lowered, func(l lowering) bool {
			return l.Figure == name && same(l.From, from) && (l.To != nil) == there && (!there || same(*l.To, to))
		})
		switch {
		case !worse || named:
			delete(held, name)
		case there:
			out = append(out, fmt.Sprintf("%s fell from %g to %g", name, from, to))
		default:
			out = append(out, fmt.Sprintf("%s, %g, is gone", name, from))
		}
	}
	for name, v := range next {
		if _, kept := held[name]; !kept {
			held[name] = v
		}
	}
	return out
}

func same(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestAFigureThatFallsMustBeNamed(t *testing.T) {
	floors := func(intent, overRefusal float64) map[string]eval.Floors {
		return map[string]eval.Floors{"blind": {"intent": intent, "over_refusal": overRefusal}}
	}
	held := map[string]float64{}
	require.Empty(t, fallen(held, floors(0.9, 0.05), nil))
	require.Empty(t, fallen(held, floors(0.95, 0.04), nil), "it may rise")
	require.Equal(t, []string{"blind/intent fell from 0.95 to 0.9", "blind/over_refusal fell from 0.04 to 0.05"}, fallen(held, floors(0.9, 0.05), nil))
	require.Len(t, fallen(held, floors(0.9, 0.05), nil), 2, "nor is it forgotten")
	named := []lowering{{"blind/intent", 0.95, new(0.9), "a harder judge"}, {"blind/over_refusal", 0.04, new(0.05), "a harder judge"}}
	require.Len(t, fallen(held, floors(0.89, 0.06), named), 2, "lower than was named")
	require.Empty(t, fallen(held, floors(0.9, 0.05), named))
	require.Empty(t, fallen(held, floors(0.95, 0.04), named))
	require.Equal(t, []string{"blind/intent, 0.95, is gone", "blind/over_refusal, 0.04, is gone"}, fallen(held, nil, named))
	gone := []lowering{{"blind/intent", 0.95, nil, "no such set any more"}, {"blind/over_refusal", 0.04, nil, "no such set any more"}}
	require.Empty(t, fallen(held, nil, gone))
	require.Empty(t, held)
}
