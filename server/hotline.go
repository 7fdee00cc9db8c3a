package main

import (
	"context"

	"quandesk/bot"
	"quandesk/channels/hotline12345"
)

// understood lets the mailbox of 12345 sort orders by the words the bot goes by.
func understood(u bot.Understander) hotline12345.Understand {
	return func(ctx context.Context, text string) hotline12345.Meaning {
		m, err := u.Understand(ctx, text, nil)
		if err != nil {
			return hotline12345.Meaning{}
		}
		out := hotline12345.Meaning{Kind: m.Kind, Category: m.Category, Urgent: m.Urgent}
		if len(m.Intents) > 0 && m.Intents[0] == bot.Ask {
			out.Kind = "inquiry"
		}
		return out
	}
}
