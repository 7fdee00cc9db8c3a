package wechat

import (
	"strconv"
	"strings"
)

// SurveyAnswer is one answer of the satisfaction survey.
type SurveyAnswer struct {
	Words     string
	Satisfied bool
}

// SurveyAnswers are what a resident may answer, numbered from 1.
var SurveyAnswers = []SurveyAnswer{{"满意", true}, {"基本满意", true}, {"不满意", false}}

// SurveyKind is the kind of a push that answered a survey.
const SurveyKind = "survey"

// Tap is a push that may answer a survey: a tap on its menu (Item), or what
// was typed. It is recorded as the event it then is.
type Tap struct {
	Happening
	Item, Text string
	// Body is the passive reply that says something; nil: nobody waits for one.
	Body func(say string) (string, error)
}

// Answers reports whether a tap can be an answer at all.
func (t Tap) Answers() bool {
	_, _, tapped := ParseSurveyItem(t.Item)
	_, typed := ParseSurveyText(t.Text)
	return tapped || typed
}

func surveyHead(ticketNo string) string {
	return "您反映的问题（工单" + ticketNo + "）已办结并答复。请问您对办理过程和处理结果是否满意？"
}

// SurveyText is the survey for accounts without menus, and as the desk shows it.
func SurveyText(ticketNo string) string {
	var b strings.Builder
	b.WriteString(surveyHead(ticketNo))
	for i, a := range SurveyAnswers {
		b.WriteString("\n回复 " + strconv.Itoa(i+1) + " " + a.Words)
	}
	return b.String()
}

// SurveyItem is the number that a tap on an answer brings back: unique per
// survey, digits only.
func SurveyItem(survey int64, answer int) int64 { return survey*10 + int64(answer) }

// ParseSurveyItem is the way back. ok is false for what is no such number.
func ParseSurveyItem(id string) (survey int64, answer int, ok bool) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 11 {
		return 0, 0, false
	}
	survey, answer = n/10, int(n%10)
	return survey, answer, answer >= 1 && answer <= len(SurveyAnswers)
}

// ParseSurveyText reads an answer that was typed: 1, 2, 3 in any width, or the
// words.
func ParseSurveyText(text string) (answer int, ok bool) {
	text = strings.Trim(strings.TrimSpace(text), "。.！!，,、“”\"' ")
	for i, a := range SurveyAnswers {
		if text == a.Words || text == strconv.Itoa(i+1) || text == string(rune('１'+i)) || text == string([]rune("①②③")[i]) {
			return i + 1, true
		}
	}
	if text == "非常满意" || text == "很满意" {
		return 1, true
	}
	if text == "很不满意" || text == "非常不满意" {
		return 3, true
	}
	return 0, false
}
