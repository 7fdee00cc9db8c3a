package web

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/kb"
	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// suggestView is what stands beside the form while it is being filled: what
// the words mean, what is known already, what may be answered at once.
type suggestView struct {
	CSRF       string
	Asked      bool
	Set        []suggestion // put into fields that nobody has touched
	Kind       *kindSuggestion
	Problems   []string
	Same       []callTicket
	Answers    []answerView
	Understood string
}

// suggestion is a value for a field.
type suggestion struct{ Field, Value, Words string }

type kindSuggestion struct{ Value, Label string }

type answerView struct{ Title, Text, Source string }

const (
	sameWithin   = 7 * 24 * time.Hour // an open ticket this old may be the same matter
	mostSame     = 5
	mostAnswers  = 2
	leastPhone   = 7 // characters before a number is called wrong
	leastMeaning = 4 // characters before words mean something
)

// partSuggest is the fragment that the form asks for while somebody types.
func (s *Site) partSuggest(c *fiber.Ctx) error {
	v, err := s.suggest(c)
	if err != nil {
		return err
	}
	return s.render(c, "suggest", v)
}

// pageSuggest is the whole form with what was suggested, for want of scripts.
func (s *Site) pageSuggest(c *fiber.Ctx) error {
	v, err := s.refilled(c)
	if err != nil {
		return err
	}
	if v.Suggest, err = s.suggest(c); err != nil {
		return err
	}
	for _, x := range v.Suggest.Set {
		fill(v.Main, x)
	}
	return s.showRegister(c, v)
}

// fill puts a suggestion into a field that is empty.
func fill(fields []field, x suggestion) {
	for i := range fields {
		f := &fields[i]
		if f.Name != x.Field || f.Value != "" {
			continue
		}
		if f.Type != "select" {
			f.Value = x.Value
			continue
		}
		empty := true
		for _, o := range f.Options {
			empty = empty && (!o.Chosen || o.Value == "")
		}
		for j := range f.Options {
			if empty {
				f.Options[j].Chosen = f.Options[j].Value == x.Value
			}
		}
	}
}

func (s *Site) suggest(c *fiber.Ctx) (suggestView, error) {
	ctx, u := c.UserContext(), s.user(c)
	sent := values(func(name string) string { return c.FormValue(name) })
	v := suggestView{CSRF: s.csrf(c), Asked: true}
	words := sent.text("description")
	if err := s.understand(ctx, &v, sent, words); err != nil {
		return v, err
	}
	place := v.place(sent, words)
	if n := sent.text("contact_phone"); n != "" {
		if _, err := customer.ParsePhone(n); err != nil && len(n) >= leastPhone {
			v.Problems = append(v.Problems, registerHelp[tickets.InputError{Field: "contact_phone", Problem: tickets.Invalid}])
		}
	}
	number := s.numberOf(ctx, u, sent)
	v.wanting(sent, words, number, place)
	category := tickets.Category(sent("category"))
	for _, x := range v.Set {
		if x.Field == "category" && category == "" {
			category = tickets.Category(x.Value)
		}
	}
	var err error
	if v.Same, err = s.same(ctx, u, number, place, category); err != nil {
		return v, err
	}
	v.Answers, err = s.knownAnswers(ctx, words)
	return v, err
}

// understand says what the words mean, by the understanding of the bot.
func (s *Site) understand(ctx context.Context, v *suggestView, sent values, words string) error {
	if s.Understand == nil || len([]rune(words)) < leastMeaning {
		return nil
	}
	means, err := s.Understand.Understand(ctx, words, nil)
	if err != nil {
		return err
	}
	if means.Category.Valid() && means.Category != tickets.Other {
		v.Set = append(v.Set, suggestion{"category", string(means.Category), named(categoryNames, means.Category)})
	}
	if means.Kind.Valid() && means.Kind != tickets.Kind(sent("kind")) {
		v.Kind = &kindSuggestion{string(means.Kind), named(kindNames, means.Kind)}
	}
	if n, err := customer.ParsePhone(means.Slots.Phone); err == nil {
		v.Set = append(v.Set, suggestion{"contact_phone", n, customer.MaskPhone(n)})
	}
	if means.Urgent {
		v.Problems = append(v.Problems, "内容像是紧急情况，请确认是否勾选“紧急”。")
	}
	return nil
}

// place is where it is: by the address that was typed, or by the words.
func (v *suggestView) place(sent values, words string) customer.Address {
	text := sent.text("address")
	if text == "" {
		found, ok := customer.FindAddress(words)
		if !ok {
			return customer.Address{}
		}
		text = found.Text
		v.Set = append(v.Set, suggestion{"address", text, text})
	}
	a := customer.ParseAddress(text)
	if a.District != "" {
		v.Set = append(v.Set, suggestion{"district", a.District, a.District})
	}
	if a.Community != "" {
		v.Set = append(v.Set, suggestion{"community", a.Community, a.Community})
	}
	if _, known := customer.FindAddress(text); !known && a.District == "" && a.Community == "" && a.Street == "" {
		v.Problems = append(v.Problems, "看不出地址在哪个区县或小区，请再问一句。")
	}
	a.Text = text
	return a
}

// wanting says what a complete record still lacks; it refuses nothing.
func (v *suggestView) wanting(sent values, words, number string, place customer.Address) {
	if len([]rune(words)) < leastMeaning {
		return
	}
	if place.Text == "" && sent("kind") == string(tickets.Repair) {
		v.Problems = append(v.Problems, "报修还没有地点，抢修人员无法到场。")
	}
	if number == "" && sent("contact_phone") == "" && sent("anonymous") == "" {
		v.Problems = append(v.Problems, "还没有联系电话；用户不留电话的，请勾选“用户不留电话”。")
	}
}

// numberOf is the number of who is talking: as typed, or of the chosen call.
func (s *Site) numberOf(ctx context.Context, u auth.User, sent values) string {
	if n, err := customer.ParsePhone(sent("contact_phone")); err == nil {
		return n
	}
	if id := sent("call"); id != "" {
		if c, err := s.Phone.Call(ctx, id); err == nil && c.Agent.ID == u.ID && c.Callable() {
			return c.Number
		}
	}
	return ""
}

// same are open tickets of the last days that may be the same matter: of the
// same number, or of the same place and category.
func (s *Site) same(ctx context.Context, u auth.User, number string, place customer.Address, category tickets.Category) ([]callTicket, error) {
	now := s.Desk.Now()
	recent := tickets.Filter{OpenOnly: true, From: now.Add(-sameWithin), Limit: mostSame}
	var asked []tickets.Filter
	if number != "" {
		f := recent
		f.Phone = number
		asked = append(asked, f)
	}
	if category.Valid() && (place.Community != "" || len([]rune(place.Text)) >= leastAddress) {
		f := recent
		f.Categories, f.Community = []tickets.Category{category}, place.Community
		if f.Community == "" {
			f.Query = place.Text
		}
		asked = append(asked, f)
	}
	var out []callTicket
	seen := map[string]bool{}
	for _, f := range asked {
		page, err := s.Tickets.List(ctx, u.Scope(), f)
		if err != nil {
			var input *tickets.InputError
			if errors.As(err, &input) {
				continue // the words are no query
			}
			return nil, err
		}
		for _, t := range page.Tickets {
			if !seen[t.No] && mayIdentify(u, t) && len(out) < mostSame {
				seen[t.No] = true
				out = append(out, s.callTicket(u, t, now))
			}
		}
	}
	return out, nil
}

// knownAnswers are what the knowledge says, by the same search and the same
// bar as the bot's answers.
func (s *Site) knownAnswers(ctx context.Context, words string) ([]answerView, error) {
	if s.Library == nil || len([]rune(words)) < leastMeaning {
		return nil, nil
	}
	found, err := s.Library.Search(ctx, words, mostAnswers+1)
	if err != nil {
		return nil, err
	}
	var out []answerView
	for _, f := range found {
		if f.Score < kb.Answerable || !f.Article.Tellable() || f.Article.Open || len(out) == mostAnswers {
			continue
		}
		source := strings.TrimSpace(f.Article.Source)
		if f.Article.Clause != "" {
			source += " 第" + f.Article.Clause + "条"
		}
		out = append(out, answerView{Title: f.Article.Title, Text: f.Article.Short, Source: source})
	}
	return out, nil
}

// problemOf is what is wrong with a field; empty when the error is about none.
func problemOf(err error) tickets.Problem {
	var input *tickets.InputError
	if !errors.As(err, &input) {
		return ""
	}
	return input.Problem
}
