package channeltest_test

import (
	"testing"

	"quandesk/channels"
	"quandesk/channels/channeltest"
)

func TestTheFakeKeepsWhatItTests(t *testing.T) {
	channeltest.Run(t, func(*testing.T) channeltest.Bench {
		f := channeltest.NewFake("fake")
		return channeltest.Bench{
			Adapter: f, Far: f,
			Conversation: channels.Conversation{ID: 1, Channel: "fake", Account: "main", Contact: "resident"},
		}
	})
}
