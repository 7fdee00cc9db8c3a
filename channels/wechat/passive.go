package wechat

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"quandesk/channels"
)

// maxPassive is how many bytes a passive text may have; WeChat shows the
// outage text for more.
const maxPassive = 2047

// Acknowledged is the body that says "we have it" without an answer.
const Acknowledged = "success"

// passiveWords is a message as a passive reply says it. The mark of generated
// text is added here, whatever the text says of itself.
func passiveWords(m channels.Message) string {
	if !m.AI {
		return Clean(m.Text)
	}
	return AIMark + strings.TrimSpace(strings.ReplaceAll(PlainText(m.Text), AIMark, ""))
}

// Fits takes the messages, oldest first, that one passive reply can say
// together: a person's and a machine's words never share one. What is half sent
// goes on as it began.
func Fits(list []channels.Message) (taken []channels.Message, text string) {
	for _, m := range list {
		words := passiveWords(m)
		if strings.TrimSpace(words) == "" {
			continue
		}
		joined := words
		if text != "" {
			joined = text + "\n\n" + words
		}
		if m.Parts > 0 || !sayable(m) || len(joined) > maxPassive || len(taken) > 0 && taken[0].AI != m.AI {
			break
		}
		taken, text = append(taken, m), joined
	}
	return taken, text
}

// sayable reports whether a message is a text and nothing else.
func sayable(m channels.Message) bool {
	return len(m.Attachments) == 0 && (m.Action == nil || m.Action.Survey == 0)
}

type cdata struct {
	Text string `xml:",cdata"`
}

type passive struct {
	XMLName xml.Name `xml:"xml"`
	To      cdata    `xml:"ToUserName"`
	From    cdata    `xml:"FromUserName"`
	Created int64    `xml:"CreateTime"`
	Type    cdata    `xml:"MsgType"`
	Content cdata    `xml:"Content"`
}

// reply is the plain body of a passive reply to a push. The encoder splits a
// "]]>" into two sections, so that it stays text.
func (p Push) reply(text string, now time.Time) ([]byte, error) {
	body, err := xml.Marshal(passive{
		To: cdata{p.From}, From: cdata{p.To}, Created: now.Unix(), Type: cdata{"text"}, Content: cdata{text},
	})
	if err != nil {
		return nil, fmt.Errorf("make passive reply: %w", err)
	}
	return body, nil
}
