package channels

import "time"

// Purpose is what a model is asked for.
type Purpose string

// The purposes.
const (
	ToUnderstand    Purpose = "understand"     // what a message means
	ToAnswer        Purpose = "answer"         // an answer in words
	ToEmbedQuestion Purpose = "embed_question" // the vector of a question
	ToEmbedArticles Purpose = "embed_articles" // the vectors of passages of the knowledge
)

// ModelCall is one question to a model as it is kept for three years: when,
// what for, whom, about which kinds of data (网络数据安全管理条例 12, T84).
// Nothing of what was said is in it.
type ModelCall struct {
	ID             int64
	At             time.Time
	Purpose        Purpose
	Vendor         string   // host of the endpoint
	Model          string   // as configured
	Prompt         string   // version of the prompt
	Data           []string // kinds of data it was about: message, history, articles, tickets…
	Masked         []string // kinds of personal data that were found; placeholders stood for all of it
	ConversationID int64    // 0: of none
	MessageID      int64    // what was said with its help; 0: nothing was
	// How it went; an empty Outcome means that nobody knows: the process died.
	Outcome             string // ok, or why not
	TokensIn, TokensOut int    // as the endpoint counts; 0: it did not say
	FirstToken, Took    time.Duration
}

// Budget bounds the calls of a purpose; those that word answers share one.
type Budget struct {
	Hourly int // of one conversation; 0: without a bound
	Daily  int // of all; 0: without a bound
}

// Why a call was not made.
const (
	SpentHour = "user_budget"
	SpentDay  = "daily_budget"
)

// Shares are the purposes whose calls count together.
func (p Purpose) Shares() [2]Purpose {
	if p == ToUnderstand || p == ToAnswer {
		return [2]Purpose{ToUnderstand, ToAnswer}
	}
	return [2]Purpose{p, p}
}

// ModelAlert is word that models could not be asked. There is at most one in
// five minutes, however many residents were concerned (F12).
type ModelAlert struct {
	At     time.Time
	Vendor string
	Model  string
	Reason string
}

// BetweenAlerts is the least time between two alerts.
const BetweenAlerts = 5 * time.Minute

// Incident is content that was not let through: asked for by a resident, or
// held by an answer that was not sent (T75, 生成式人工智能服务管理暂行办法 14).
// It is kept for a year, and nothing of what was said is in it.
type Incident struct {
	ID             int64
	At             time.Time
	Category       string
	Asked          bool   // a resident asked for it; else an answer held it
	Model, Prompt  string // who had worded it; empty for the rules
	ConversationID int64
	MessageID      int64 // what was said instead
}
