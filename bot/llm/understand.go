package llm

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"
	"github.com/sashabaranov/go-openai/jsonschema"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/prompts"
	"quandesk/tickets"
	"quandesk/tickets/customer"
	"quandesk/tickets/outage"
)

// labels is what a model says a message means.
type labels struct {
	Intents     []string  `json:"intents"`
	Category    string    `json:"category"`
	Application string    `json:"application"`
	Urgent      bool      `json:"urgent"`
	Slots       bot.Slots `json:"slots"`
}

var (
	intents = []bot.Intent{bot.Ask, bot.Complain, bot.AskRepair, bot.AskOutage, bot.Progress,
		bot.Callback, bot.Apply, bot.WantPerson, bot.SmallTalk, bot.OutOfScope}
	applications = []string{"", "new_connection", "transfer", "close_account", "open_day", "meter_check", "invoice", "payment", "other"}
)

func names[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}

// schema is the form of labels.
func schema() jsonschema.Definition {
	text := jsonschema.Definition{Type: jsonschema.String}
	slots := jsonschema.Definition{Type: jsonschema.Object, Properties: map[string]jsonschema.Definition{}, AdditionalProperties: false}
	for _, name := range []string{"address", "community", "road", "district", "phone", "time", "name", "ticket"} {
		slots.Properties[name] = text
		slots.Required = append(slots.Required, name)
	}
	loose := slots
	loose.Required = nil
	return jsonschema.Definition{
		Type: jsonschema.Object, AdditionalProperties: false, Required: []string{"intents", "urgent"},
		Properties: map[string]jsonschema.Definition{
			"intents":     {Type: jsonschema.Array, Items: &jsonschema.Definition{Type: jsonschema.String, Enum: names(intents)}},
			"category":    {Type: jsonschema.String, Enum: append([]string{""}, names(tickets.Categories)...)},
			"application": {Type: jsonschema.String, Enum: applications},
			"urgent":      {Type: jsonschema.Boolean},
			"slots":       loose,
		},
	}
}

// parse reads the labels out of an answer, prose and fences around them
// allowed.
func parse(text string) (labels, error) {
	var l labels
	from, to := strings.Index(text, "{"), strings.LastIndex(text, "}")
	if from < 0 || to < from {
		return l, wrongf("没有 JSON 对象")
	}
	if err := jsonschema.VerifySchemaAndUnmarshal(schema(), []byte(text[from:to+1]), &l); err != nil {
		return l, wrongf("字段不符合要求")
	}
	if len(l.Intents) == 0 || len(l.Intents) > len(intents) {
		return l, wrongf("intents 为空或太多")
	}
	return l, nil
}

// understand answers the turn again with what a model adds to the rules'
// understanding. What the model alone has seen opens nothing before the
// resident is asked. well is false when the endpoint is not.
func (s *session) understand(ctx context.Context, base bot.Reply) (r bot.Reply, well bool) {
	s.veil.private(base.Understanding.Slots)
	text := spoken(s.turn.Messages)
	if slices.ContainsFunc(base.Citations, ofOutage) {
		return base, true // a notice explains it: there is nothing to add
	}
	if base.Understanding.Confidence >= s.limits.Sure && len(base.Understanding.Intents) == 1 ||
		short(text, base.Understanding.Slots) {
		return base, true
	}
	limited, cancel := context.WithTimeout(ctx, s.limits.Understand)
	defer cancel()
	proposed, err := s.label(limited, text)
	if err != nil {
		var input *errInput
		return base, errors.As(err, &input) // the rules alone
	}
	if i := bot.Intent(proposed.Intents[0]); len(base.Citations) > 0 && (i == bot.OutOfScope || i == bot.SmallTalk) {
		return base, true // the knowledge has an answer
	}
	means := merge(base.Understanding, proposed, text, s.limits.Sure)
	return s.flow(ctx, base, means), true
}

func ofOutage(c channels.Citation) bool {
	_, ok := outage.Cited(c.ArticleID)
	return ok
}

// shortest is how many characters besides its slots a message needs for a
// model to be asked what it means: a yes, a number or an address is clear, and
// nobody should wait for a model to read it.
const shortest = 5

func short(text string, slots bot.Slots) bool {
	for _, v := range []string{slots.Address, slots.Community, slots.Road, slots.Phone, slots.Name, slots.Time} {
		if v != "" {
			text = strings.Replace(text, v, "", 1)
		}
	}
	return len(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })) == 0 || utf8.RuneCountInString(text) < shortest
}

// flow runs the rules' flow on a given understanding of this turn.
func (s *session) flow(ctx context.Context, base bot.Reply, means bot.Understanding) bot.Reply {
	r, err := bot.New(&given{Understander: s.o.Rules, means: means}, s.o.Knowledge).Answer(context.WithoutCancel(ctx), s.turn)
	if err != nil {
		return base // the rules have answered already
	}
	return confirmed(base, r)
}

// given hands out one understanding for the turn, then those of the rules.
type given struct {
	bot.Understander
	means bot.Understanding
	done  bool
}

func (g *given) Understand(ctx context.Context, text string, history []channels.Message) (bot.Understanding, error) {
	if !g.done {
		g.done = true
		return g.means, nil
	}
	return g.Understander.Understand(ctx, text, history)
}

// confirmed keeps what a model alone has made the flow do from being done at
// once. A person may be called and an emergency registered; a ticket waits for
// the resident's yes, which the flow takes as it goes on; anything else is not
// done.
func confirmed(base, r bot.Reply) bot.Reply {
	switch {
	case r.Action == nil || r.Action.Type == bot.HandOff || base.Action != nil && base.Action.Type == r.Action.Type:
		return r
	case r.Action.Type == bot.OpenTicket && r.Action.Urgent:
		return r
	case r.Action.Type == bot.OpenTicket:
		return r.Pending(wordsConfirm)
	}
	return base
}

const wordsConfirm = "要把您说的这件事登记下来，请工作人员处理吗？要登记请回复“登记”，不用就回复“不用”，想找人请回复“人工”。"

func spoken(messages []channels.Message) string {
	var lines []string
	for _, m := range messages {
		text := strings.TrimSpace(m.Text)
		if text == "" && m.Place != nil {
			text = strings.TrimSpace(m.Place.Label)
		}
		if text != "" {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n")
}

// label asks the model what the turn means; an answer that is not in form is
// asked for once more.
func (s *session) label(ctx context.Context, text string) (labels, error) {
	messages, version, err := s.asked("understand", nil, s.history(), s.question(text))
	if err != nil {
		return labels{}, err
	}
	form := schema()
	q := call{messages: messages, tokens: 400, schema: &openai.ChatCompletionResponseFormat{
		Type:       openai.ChatCompletionResponseFormatTypeJSONSchema,
		JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: "labels", Schema: &form},
	}}
	for try := 0; ; try++ {
		got, err := s.ask(ctx, channels.ToUnderstand, version, q)
		if err != nil {
			return labels{}, err
		}
		l, err := parse(got.text)
		if err == nil {
			s.restore(&l)
			return l, nil
		}
		s.see(Event{Kind: "not_in_form", Purpose: channels.ToUnderstand, Prompt: version})
		if try > 0 {
			return labels{}, err
		}
		again, _, rerr := prompts.Render("repair", map[string]any{"Fault": err.(*errInput).why})
		if rerr != nil {
			return labels{}, rerr
		}
		q.messages = append(q.messages[:2:2],
			openai.ChatCompletionMessage{Role: openai.ChatMessageRoleAssistant, Content: cut(got.text, 1000)},
			openai.ChatCompletionMessage{Role: openai.ChatMessageRoleUser, Content: again})
	}
}

// restore puts personal data back into labels.
func (s *session) restore(l *labels) {
	for _, p := range []*string{&l.Slots.Address, &l.Slots.Community, &l.Slots.Road, &l.Slots.District,
		&l.Slots.Phone, &l.Slots.Time, &l.Slots.Name, &l.Slots.Ticket} {
		*p = s.veil.show(*p)
	}
}

// merge adds a model's labels to those of the rules. The rules keep: what is
// urgent, that somebody complains or wants a person, every slot they found.
// The model may add slots that stand in the words themselves, raise, and say
// what the rules were not sure of.
func merge(rules bot.Understanding, l labels, text string, sure float64) bot.Understanding {
	out := rules
	out.Intents = slices.Clone(rules.Intents)
	proposed := make([]bot.Intent, len(l.Intents))
	for i, x := range l.Intents {
		proposed[i] = bot.Intent(x)
	}
	out.Urgent = rules.Urgent || l.Urgent && (matters(proposed[0]) || slices.ContainsFunc(rules.Intents, matters))
	switch first := proposed[0]; {
	case rules.Confidence >= sure || first == rules.Intents[0]:
	case matters(rules.Intents[0]) && !matters(first):
		out.Intents = append(out.Intents, first) // a complaint is never made an inquiry
	case rules.Intents[0] == bot.Complain:
		// nor a mere fault
	case rules.Intents[0] == bot.WantPerson, rules.Intents[0] == bot.Callback:
	default:
		out.Intents = append([]bot.Intent{first}, slices.DeleteFunc(out.Intents, func(i bot.Intent) bool { return i == first })...)
	}
	for _, i := range proposed {
		if (matters(i) || i == bot.WantPerson) && !slices.Contains(out.Intents, i) {
			out.Intents = append(out.Intents, i)
		}
	}
	if out.Urgent && !rules.Urgent && !matters(out.Intents[0]) {
		out.Intents = slices.DeleteFunc(out.Intents, func(i bot.Intent) bool { return i == bot.Complain })
		out.Intents = append([]bot.Intent{bot.Complain}, out.Intents...)
	}
	if c := tickets.Category(l.Category); c != "" && (rules.Category == "" || rules.Confidence < 0.5) {
		out.Category = c
	}
	if out.Application == "" && out.Intents[0] == bot.Apply {
		out.Application = l.Application
		if out.Application == "" {
			out.Application = "other"
		}
	}
	if out.Intents[0] != rules.Intents[0] {
		out.Kind, out.Confidence = kindOf(out.Intents[0], rules.Kind), max(rules.Confidence, 0.7)
	}
	out.Slots = slots(rules.Slots, l.Slots, text)
	return out
}

// matters reports whether an intent says that something is wrong.
func matters(i bot.Intent) bool {
	return i == bot.Complain || i == bot.AskRepair || i == bot.AskOutage
}

func kindOf(i bot.Intent, before tickets.Kind) tickets.Kind {
	switch i {
	case bot.Complain:
		if before == tickets.Report || before == tickets.Suggestion {
			return before
		}
		return tickets.Complaint
	case bot.AskRepair, bot.AskOutage:
		return tickets.Repair
	case bot.Apply:
		return tickets.Application
	case bot.Callback:
		return tickets.Request
	}
	return tickets.Inquiry
}

// slots fills what the rules have not found with what stands in the words
// themselves.
func slots(mine, theirs bot.Slots, text string) bot.Slots {
	for _, p := range []struct {
		mine   *string
		theirs string
	}{
		{&mine.Address, theirs.Address}, {&mine.Community, theirs.Community}, {&mine.Road, theirs.Road},
		{&mine.District, theirs.District}, {&mine.Time, theirs.Time}, {&mine.Name, theirs.Name}, {&mine.Ticket, theirs.Ticket},
	} {
		if *p.mine == "" && p.theirs != "" && strings.Contains(text, p.theirs) {
			*p.mine = p.theirs
		}
	}
	if _, err := customer.ParsePhone(theirs.Phone); mine.Phone == "" && err == nil && strings.Contains(text, theirs.Phone) {
		mine.Phone = theirs.Phone
	}
	return mine
}
