package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"quandesk/bot"
	"quandesk/tickets"
)

// Message is one message with what a perfect bot would make of it.
type Message struct {
	ID          string    `json:"id"`
	Text        string    `json:"text"`
	Style       string    `json:"style"`
	Intent      labels    `json:"intent"`
	Category    labels    `json:"category"`
	Application labels    `json:"application"`
	Clauses     []string  `json:"clauses"` // of a question: those that answer it; none: nothing does
	Slots       bot.Slots `json:"slots"`
	Urgent      bool      `json:"urgent"`
}

// Set is what a bot is measured on.
type Set struct {
	Messages  []Message
	Dialogues []Dialogue
	Scripts   []Script
}

// longestLine is how many bytes a line of a set may have.
const longestLine = 1 << 20

// largestSet is how many bytes a file may have.
const largestSet = 64 << 20

// Read adds a file to the set: lines of JSON, which are messages, or dialogues
// when they have turns; or scripts in YAML. The error names the line that is
// neither.
func (s *Set) Read(r io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(r, largestSet))
	if err != nil {
		return fmt.Errorf("read set: %w", err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if yamlScript.Match(data) {
		return s.addScripts(data)
	}
	before := len(s.Messages) + len(s.Dialogues)
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if err := s.add(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("not lines of JSON: %w", err)
	}
	if len(s.Messages)+len(s.Dialogues) == before {
		return errors.New("holds neither messages nor dialogues")
	}
	return nil
}

// yamlScript matches a file whose first line that is no comment begins a list.
var yamlScript = regexp.MustCompile(`\A(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*- `)

func (s *Set) addScripts(data []byte) error {
	var list []Script
	if err := yaml.UnmarshalWithOptions(data, &list, yaml.Strict()); err != nil {
		return fmt.Errorf("scripts: %s", yaml.FormatError(err, false, false)) // begins with [line:column]
	}
	for _, x := range list {
		if x.Name == "" || len(x.Steps) == 0 {
			return fmt.Errorf("scripts: one has no name or no steps: %q", x.Name)
		}
	}
	s.Scripts = append(s.Scripts, list...)
	return nil
}

func (s *Set) add(line []byte) error {
	var kind struct {
		Text  *string          `json:"text"`
		Turns *json.RawMessage `json:"turns"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return fmt.Errorf("not an object: %w", err)
	}
	switch {
	case kind.Turns != nil:
		var d Dialogue
		if err := json.Unmarshal(line, &d); err != nil {
			return fmt.Errorf("dialogue: %w", err)
		}
		if err := d.check(); err != nil {
			return fmt.Errorf("dialogue %s: %w", d.ID, err)
		}
		s.Dialogues = append(s.Dialogues, d)
	case kind.Text != nil && strings.TrimSpace(*kind.Text) != "":
		var m Message
		if err := json.Unmarshal(line, &m); err != nil {
			return fmt.Errorf("message: %w", err)
		}
		if err := m.check(); err != nil {
			return fmt.Errorf("message %s: %w", m.ID, err)
		}
		s.Messages = append(s.Messages, m)
	default:
		return fmt.Errorf("neither a message (text) nor a dialogue (turns)")
	}
	return nil
}

// The labels that are not those of another package.
var (
	intents = []string{string(bot.Ask), string(bot.Complain), string(bot.AskRepair), string(bot.AskOutage), string(bot.Progress),
		string(bot.Callback), string(bot.Apply), string(bot.WantPerson), string(bot.SmallTalk), string(bot.OutOfScope)}
	applications = []string{"new_connection", "transfer", "close_account", "invoice", "payment", "open_day", "meter_check", "other"}
	types        = []string{"complaint", "repair", "callback", "application"}
	events       = []string{"image", "location", "voice", "menu"}
)

// check names a label that nobody gives: measured against it, every bot fails.
func (m Message) check() error {
	for _, l := range m.Intent {
		if !slices.Contains(intents, l) {
			return fmt.Errorf("%q is no intent", l)
		}
	}
	for _, l := range m.Category {
		if !slices.Contains(tickets.Categories, tickets.Category(l)) {
			return fmt.Errorf("%q is no category", l)
		}
	}
	for _, l := range m.Application {
		if !slices.Contains(applications, l) {
			return fmt.Errorf("%q is no application", l)
		}
	}
	return nil
}

func (d Dialogue) check() error {
	if len(d.Turns) == 0 {
		return errors.New("no turns")
	}
	for _, t := range d.Turns {
		event, _, _ := strings.Cut(t.Event, ":")
		if t.User == "" && !slices.Contains(events, event) {
			return fmt.Errorf("%q is no event", t.Event)
		}
	}
	for _, w := range d.Expect.Tickets {
		if !slices.Contains(types, w.Type) {
			return fmt.Errorf("%q is no type of a ticket", w.Type)
		}
		if w.Category != "" && !slices.Contains(tickets.Categories, tickets.Category(w.Category)) && !slices.Contains(applications, w.Category) {
			return fmt.Errorf("%q is no category", w.Category)
		}
	}
	return nil
}
