package wechat

import (
	"encoding/xml"
	"fmt"
	"slices"
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
// goes on as it began. What is taken says what becomes of it.
func Fits(list []channels.Message) (taken []channels.Message, text string) {
	return fits(list, sayable)
}

func fits(list []channels.Message, can func(channels.Message) bool) (taken []channels.Message, text string) {
	for _, m := range list {
		words := passiveWords(m)
		if strings.TrimSpace(words) == "" {
			continue
		}
		joined := words
		if text != "" {
			joined = text + "\n\n" + words
		}
		if m.Parts > 0 || !can(m) || len(joined) > maxPassive || len(taken) > 0 && taken[0].AI != m.AI {
			break
		}
		m.Delivery, m.Why = channels.Sent, ""
		taken, text = append(taken, m), joined
	}
	return taken, text
}

// sayable reports whether a message is a text and nothing else.
func sayable(m channels.Message) bool {
	return len(m.Attachments) == 0 && (m.Action == nil || m.Action.Survey == 0)
}

// fitsAlone is Fits for an account that has no other way to write: a survey is
// said as its text, and what is too long for one reply in parts, each when the
// resident writes. Who asked something else than for the rest of a generated
// answer is not told it.
func fitsAlone(list []channels.Message, wantsRest bool) (taken []channels.Message, text string) {
	var dropped []channels.Message
	for len(list) > 0 && list[0].AI && list[0].Parts > 0 && !wantsRest {
		m := list[0]
		m.Delivery, m.Why = channels.Sent, WhyRestUnread
		dropped, list = append(dropped, m), list[1:]
	}
	if taken, text = fits(list, func(m channels.Message) bool { return len(m.Attachments) == 0 }); len(taken) == 0 && len(list) > 0 {
		taken, text = nextPart(list[0])
	}
	if len(taken) == 0 {
		return nil, ""
	}
	return append(dropped, taken...), text
}

// nextPart takes the next part of a message that is too long for one reply.
func nextPart(m channels.Message) (taken []channels.Message, text string) {
	parts := Texts(m)
	if len(m.Attachments) > 0 || m.Parts >= len(parts) {
		return nil, ""
	}
	text = parts[m.Parts]
	m.Delivery, m.Why = channels.Sent, ""
	if m.Parts++; m.Parts < len(parts) {
		m.Delivery, m.Why = channels.Held, WhyNotVerified
		text += more
	}
	return []channels.Message{m}, text
}

// goOn are the words by which a resident asks for the rest of a long answer.
var goOn = []string{"继续", "繼續", "接着说", "接着", "往下", "下一条", "更多", "jixu", "continue", "next"}

// GoesOn reports whether a text asks for the rest of a long answer.
func GoesOn(text string) bool {
	text = strings.ToLower(strings.Trim(strings.TrimSpace(text), "“”\"'。.!！,， "))
	return slices.Contains(goOn, text)
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
