package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot/eval"
	"quandesk/server/config"
	"quandesk/server/watched"
)

var update = flag.Bool("update", false, "raise bot/eval/baseline.json to what is reached")

// ownSets are the sets of our own by name; each has floors of its own. None of
// their lines was put among the examples the rules learn from. What each gave
// before anybody had read it stands in the README; after that its failures were
// read and their causes mended, by rules, thresholds and examples of their kind,
// so that it keeps what was won and proves nothing about strangers any more.
var ownSets = map[string][]string{
	"messages": {"../bot/eval/testdata/messages.jsonl", "../bot/eval/testdata/dialogues.jsonl"},
	"voices":   {"../bot/eval/testdata/voices.jsonl"},
	"scripts":  {"../bot/testdata/dialogues.yaml"},
	// Written and frozen before the rules that are measured on them; the lines
	// with even numbers were never read while tuning.
	"fresh":      {"../bot/eval/testdata/fresh.jsonl"},
	"refuse":     {"../bot/eval/testdata/refuse.jsonl"},     // Q05
	"answerable": {"../bot/eval/testdata/answerable.jsonl"}, // Q06
	"scenes":     {"../bot/eval/testdata/scenes.jsonl"},
	// Q03: dangers in dialect, misspelt and short, unseen by whoever tuned; with
	// mustCatch of bot/rules 159 of them.
	"danger": {"../bot/eval/testdata/danger.jsonl"},
	// Kept from whoever tuned; its failures were read once, at the end.
	"blind": {"../bot/eval/testdata/blind.jsonl", "../bot/eval/testdata/blindscenes.jsonl"},
	// By authors who never saw the bot. What each gave before anybody had read it
	// stands in the README.
	"outsider":    {"../bot/eval/testdata/outsider.jsonl", "../bot/eval/testdata/outsiderscenes.jsonl"},
	"stranger":    {"../bot/eval/testdata/stranger.jsonl", "../bot/eval/testdata/strangerscenes.jsonl"},
	"newcomer":    {"../bot/eval/testdata/newcomer.jsonl", "../bot/eval/testdata/newcomerscenes.jsonl"},
	"visitor":     {"../bot/eval/testdata/visitor.jsonl", "../bot/eval/testdata/visitorscenes.jsonl"},
	"passerby":    {"../bot/eval/testdata/passerby.jsonl", "../bot/eval/testdata/passerbyscenes.jsonl"},
	"resident":    {"../bot/eval/testdata/resident.jsonl", "../bot/eval/testdata/residentscenes.jsonl"},
	"passenger":   {"../bot/eval/testdata/passenger.jsonl", "../bot/eval/testdata/passengerscenes.jsonl"},
	"guest":       {"../bot/eval/testdata/guest.jsonl", "../bot/eval/testdata/guestscenes.jsonl"},
	"tenant":      {"../bot/eval/testdata/tenant.jsonl", "../bot/eval/testdata/tenantscenes.jsonl"},
	"lodger":      {"../bot/eval/testdata/lodger.jsonl", "../bot/eval/testdata/lodgerscenes.jsonl"},
	"boarder":     {"../bot/eval/testdata/boarder.jsonl", "../bot/eval/testdata/boarderscenes.jsonl"},
	"settler":     {"../bot/eval/testdata/settler.jsonl", "../bot/eval/testdata/settlerscenes.jsonl"},
	"traveller":   {"../bot/eval/testdata/traveller.jsonl", "../bot/eval/testdata/travellerscenes.jsonl"},
	"pedestrian":  {"../bot/eval/testdata/pedestrian.jsonl", "../bot/eval/testdata/pedestrianscenes.jsonl"},
	"stroller":    {"../bot/eval/testdata/stroller.jsonl", "../bot/eval/testdata/strollerscenes.jsonl"},
	"villager":    {"../bot/eval/testdata/villager.jsonl"},
	"dweller":     {"../bot/eval/testdata/dweller.jsonl", "../bot/eval/testdata/dwellerscenes.jsonl"},
	"householder": {"../bot/eval/testdata/householder.jsonl", "../bot/eval/testdata/householderscenes.jsonl"},
	"townsman":    {"../bot/eval/testdata/townsman.jsonl", "../bot/eval/testdata/townsmanscenes.jsonl"},
	"kinsman":     {"../bot/eval/testdata/kinsman.jsonl", "../bot/eval/testdata/kinsmanscenes.jsonl"},
	"reader":      {"../bot/eval/testdata/reader.jsonl", "../bot/eval/testdata/readerscenes.jsonl"},
	"rider":       {"../bot/eval/testdata/rider.jsonl", "../bot/eval/testdata/riderscenes.jsonl"},
	"elder":       {"../bot/eval/testdata/elder.jsonl", "../bot/eval/testdata/elderscenes.jsonl"},
	"doorman":     {"../bot/eval/testdata/doorman.jsonl", "../bot/eval/testdata/doormanscenes.jsonl"},
	"counsel":     {"../bot/eval/testdata/counsel.jsonl", "../bot/eval/testdata/counselscenes.jsonl"},
	"matron":      {"../bot/eval/testdata/matron.jsonl", "../bot/eval/testdata/matronscenes.jsonl"},
	"courier":     {"../bot/eval/testdata/courier.jsonl", "../bot/eval/testdata/courierscenes.jsonl"},
	"listener":    {"../bot/eval/testdata/listener.jsonl", "../bot/eval/testdata/listenerscenes.jsonl"},
	"teacher":     {"../bot/eval/testdata/teacher.jsonl", "../bot/eval/testdata/teacherscenes.jsonl"},
	"driver":      {"../bot/eval/testdata/driver.jsonl", "../bot/eval/testdata/driverscenes.jsonl"},
	"druggist":    {"../bot/eval/testdata/druggist.jsonl", "../bot/eval/testdata/druggistscenes.jsonl"},
	"gardener":    {"../bot/eval/testdata/gardener.jsonl", "../bot/eval/testdata/gardenerscenes.jsonl"},
	"tailor":      {"../bot/eval/testdata/tailor.jsonl", "../bot/eval/testdata/tailorscenes.jsonl"},
	"cook":        {"../bot/eval/testdata/cook.jsonl", "../bot/eval/testdata/cookscenes.jsonl"},
	"asker":       {"../bot/eval/testdata/asker.jsonl"},
	"enquirer":    {"../bot/eval/testdata/enquirer.jsonl"},
	"weaver":      {"../bot/eval/testdata/weaver.jsonl", "../bot/eval/testdata/weaverscenes.jsonl"},
	"miller":      {"../bot/eval/testdata/miller.jsonl", "../bot/eval/testdata/millerscenes.jsonl"},
	"saddler":     {"../bot/eval/testdata/saddler.jsonl", "../bot/eval/testdata/saddlerscenes.jsonl"},
	"glazier":     {"../bot/eval/testdata/glazier.jsonl", "../bot/eval/testdata/glazierscenes.jsonl"},
	"cooper":      {"../bot/eval/testdata/cooper.jsonl", "../bot/eval/testdata/cooperscenes.jsonl"},
	"thatcher":    {"../bot/eval/testdata/thatcher.jsonl", "../bot/eval/testdata/thatcherscenes.jsonl"},
	"joiner":      {"../bot/eval/testdata/joiner.jsonl", "../bot/eval/testdata/joinerscenes.jsonl"},
	"fisher":      {"../bot/eval/testdata/fisher.jsonl", "../bot/eval/testdata/fisherscenes.jsonl"},
	"warden":      {"../bot/eval/testdata/warden.jsonl"}, // sixty dangers and forty neighbours
	"groom":       {"../bot/eval/testdata/groom.jsonl", "../bot/eval/testdata/groomscenes.jsonl"},
	"sexton":      {"../bot/eval/testdata/sexton.jsonl", "../bot/eval/testdata/sextonscenes.jsonl"},
	"hatter":      {"../bot/eval/testdata/hatter.jsonl", "../bot/eval/testdata/hatterscenes.jsonl"},
	"tanner":      {"../bot/eval/testdata/tanner.jsonl", "../bot/eval/testdata/tannerscenes.jsonl"},
	"cutter":      {"../bot/eval/testdata/cutter.jsonl", "../bot/eval/testdata/cutterscenes.jsonl"},
	"roper":       {"../bot/eval/testdata/roper.jsonl", "../bot/eval/testdata/roperscenes.jsonl"},
	// Fifty dangers and fifty neighbours each.
	"watchman": {"../bot/eval/testdata/watchman.jsonl"},
	"ranger":   {"../bot/eval/testdata/ranger.jsonl"},
	"pilot":    {"../bot/eval/testdata/pilot.jsonl"},
	"medic":    {"../bot/eval/testdata/medic.jsonl"},
	// Questions only, half of them next to what the standard says.
	"baker":   {"../bot/eval/testdata/baker.jsonl"},
	"mason":   {"../bot/eval/testdata/mason.jsonl"},
	"potter":  {"../bot/eval/testdata/potter.jsonl"},
	"comers":  {"../bot/eval/testdata/comerscenes.jsonl", "../bot/eval/testdata/goerscenes.jsonl"},
	"callers": {"../bot/eval/testdata/callerscenes.jsonl", "../bot/eval/testdata/walkerscenes.jsonl", "../bot/eval/testdata/neighbourscenes.jsonl"},
}

const baseline = "../bot/eval/baseline.json"

func evaluated(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := evaluate(t.Context(), config.Config{}, args, &out)
	return out.String(), err
}

// TestTheBotNeverGetsWorse is the ratchet: with -update the baseline rises to
// what is reached, and falls never.
func TestTheBotNeverGetsWorse(t *testing.T) {
	data, err := os.ReadFile(baseline)
	require.NoError(t, err)
	var floors map[string]eval.Floors
	require.NoError(t, json.Unmarshal(data, &floors))
	for name, files := range ownSets {
		t.Run(name, func(t *testing.T) {
			if name != "messages" { // which the race detector sees too
				watched.Unraced(t)
			}
			if !*update {
				t.Parallel() // each has a bot of its own
			}
			text, err := evaluated(t, append([]string{"-json"}, files...)...)
			require.NoError(t, err)
			var got eval.Scores
			require.NoError(t, json.Unmarshal([]byte(text), &got))
			if *update {
				floors[name] = floors[name].Raise(got)
			}
			require.NotEmpty(t, floors[name], "no floors: run with -update")
			require.Empty(t, got.Below(floors[name].Measured(got)), "the bot has become worse at what it could do")
		})
	}
	if !*update {
		return
	}
	data, err = json.MarshalIndent(floors, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(baseline, append(data, '\n'), 0o644))
}

func TestEvalMeasuresAndHoldsAgainstFloors(t *testing.T) {
	text, err := evaluated(t, append([]string{"-min", "intent=0.5"}, ownSets["messages"]...)...)
	require.NoError(t, err)
	require.Contains(t, text, "intent")
	_, err = evaluated(t, append([]string{"-min", "intent=1"}, ownSets["fresh"]...)...)
	require.ErrorContains(t, err, "intent is")
	require.NotErrorAs(t, err, new(usageError))
	_, err = evaluated(t, append(ownSets["comers"], "--min", "intent=0.9")...)
	require.EqualError(t, err, "intent is not measured by these sets, so it cannot be held against 0.900")
	_, err = evaluated(t, append(ownSets["voices"], "--min", "dialogues=0.9")...)
	require.EqualError(t, err, "dialogues is not measured by these sets, so it cannot be held against 0.900")
	text, err = evaluated(t, append(ownSets["scenes"], "--json", "--min", "dialogues=0.5")...)
	require.NoError(t, err, "flags may come after the files")
	require.True(t, json.Valid([]byte(text)))
}

func TestEvalMeasuresAModelAndPlaysItsTapeBackWithoutIt(t *testing.T) {
	sets := []string{"../bot/eval/testdata/voices.jsonl", "../bot/eval/testdata/dialogues.jsonl"}
	base, asked := scriptedModel(t, "接到投诉后20分钟内", "有人联系您[1]。")
	cfg := config.Config{LLMBaseURL: base, LLMModel: "scripted", LLMParallel: 8}
	tape := filepath.Join(t.TempDir(), "tape.jsonl")
	measured := func(cfg config.Config, args ...string) (eval.Scores, error) {
		var out bytes.Buffer
		err := evaluate(t.Context(), cfg, append(append(sets, "--json"), args...), &out) // flags may stand behind
		var s eval.Scores
		if err == nil {
			require.NoError(t, json.Unmarshal(out.Bytes(), &s))
		}
		return s, err
	}
	live, err := measured(cfg, "-backend", "llm", "-tape", tape)
	require.NoError(t, err)
	require.Greater(t, strings.Count(asked(), "messages"), 60, "no budget ends the measuring")
	before := asked()
	cfg.LLMBaseURL = "http://127.0.0.1:1/v1"
	played, err := measured(cfg, "-backend", "replay", "-tape", tape)
	require.NoError(t, err)
	require.Equal(t, before, asked(), "nobody was asked")
	live.Messages.P95, played.Messages.P95 = nil, nil
	require.Equal(t, live, played)

	data, err := os.ReadFile(tape)
	require.NoError(t, err)
	lines := bytes.SplitAfter(data, []byte("\n"))
	require.NoError(t, os.WriteFile(tape, bytes.Join(lines[len(lines)/2:], nil), 0o600))
	_, err = measured(cfg, "-backend", "replay", "-tape", tape)
	require.ErrorContains(t, err, "not on the tape", "a miss is a failure, never a call")
}

func TestEvalSaysWhatIsWrongWithItsWords(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.jsonl")
	require.NoError(t, os.WriteFile(broken, []byte("{\"text\":\"水压低\"}\nnonsense\n"), 0o600))
	label := filepath.Join(t.TempDir(), "label.jsonl")
	require.NoError(t, os.WriteFile(label, []byte("{\"id\":\"x-1\",\"text\":\"水压低\",\"intent\":[\"grumble\"]}\n"), 0o600))
	empty := filepath.Join(t.TempDir(), "empty.jsonl")
	require.NoError(t, os.WriteFile(empty, []byte("\n\n"), 0o600))
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "usage"},
		{[]string{"-mood", "x"}, "usage"},
		{[]string{"-min", "mood=1", ownSets["messages"][0]}, "mood"},
		{[]string{"-min", "intent=NaN", ownSets["messages"][0]}, "intent=NaN"},
		{[]string{"-min", "intent=1.01", ownSets["messages"][0]}, "from 0 to 1"},
		{[]string{"-backend", "oracle", ownSets["messages"][0]}, "oracle"},
		{[]string{"-backend", "llm", ownSets["messages"][0]}, "HUB_LLM_BASE_URL"},
		{[]string{ownSets["messages"][0], "-backend", "replay"}, "-tape"},
		{[]string{"nowhere.jsonl"}, "nowhere.jsonl"},
		{[]string{broken}, "line 2"},
		{[]string{label}, `line 1: message x-1: "grumble" is no intent`},
		{[]string{empty}, "neither messages nor dialogues"},
	} {
		_, err := evaluated(t, c.args...)
		require.ErrorAs(t, err, new(usageError), "%v", c.args)
		require.ErrorContains(t, err, c.want)
	}
}

// TestOnTheSharedSets shows the figures on the sets beside the repository.
func TestOnTheSharedSets(t *testing.T) {
	watched.Unraced(t)
	sets := []string{"../../shared/eval/messages.jsonl", "../../shared/eval/dialogues.jsonl"}
	if _, err := os.Stat(sets[0]); err != nil {
		t.Skip("the evaluation sets are not beside this repository: ", err)
	}
	floors := "intent=0.90,category=0.85,application=0.90,urgent_recall=0.98,urgent_precision=0.80,phone=0.97," +
		"address_f1=0.85,clause_at_1=0.80,clause_at_3=0.93,refusal=0.95,over_refusal=0.08,dialogues=0.85"
	text, err := evaluated(t, append([]string{"-min", floors}, sets...)...)
	require.NoError(t, err)
	t.Log("\n" + text)
}
