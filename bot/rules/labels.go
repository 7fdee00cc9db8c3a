package rules

import (
	"quandesk/bot"
	"quandesk/tickets"
)

// What the classifier tells apart, in the order of its weights: first the
// intents, then the categories, the applications, danger or not, and whether
// the standard states what a question asks for.
var (
	intents = []bot.Intent{bot.Ask, bot.Complain, bot.AskRepair, bot.AskOutage, bot.Progress,
		bot.Callback, bot.Apply, bot.WantPerson, bot.SmallTalk, bot.OutOfScope}
	categories = tickets.Categories
	businesses = []string{"new_connection", "transfer", "close_account", "invoice", "payment",
		"open_day", "meter_check", "other"}
	alarms = []string{"calm", "urgent"}
	claims = []string{"stated", "unstated"}
)

func labels() []string {
	var out []string
	for _, v := range intents {
		out = append(out, string(v))
	}
	for _, v := range categories {
		out = append(out, string(v))
	}
	out = append(out, businesses...)
	out = append(out, alarms...)
	return append(out, claims...)
}

// dangerHead is the place of danger or not among the heads.
const dangerHead = 3

// heads are the ranges of labels that exclude each other.
func heads() [5][2]int {
	a := len(intents)
	b := a + len(categories)
	c := b + len(businesses)
	d := c + len(alarms)
	return [5][2]int{{0, a}, {a, b}, {b, c}, {c, d}, {d, d + len(claims)}}
}
