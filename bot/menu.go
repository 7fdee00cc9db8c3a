package bot

import (
	"context"
	"strings"

	"quandesk/tickets"
)

// entry is what one of the fixed words of a menu begins (clause 10.4). People
// tap them, and type what they see; what they mean needs no guessing.
type entry struct {
	kind     tickets.Kind // of the matter that it begins
	business string       // of an application
	before   string       // said before the first question
	tells    string       // said, and nothing begun
	asks     string       // the question it stands for
	outage   bool
}

const (
	wordsDo      = "可以办这几件事，回复其中几个字就行：\n业务办理\n维修申报\n供水开放日预约"
	wordsLook    = "可以查这几样，回复其中几个字就行：\n信息公开\n政策查询\n办理进度\n停水信息"
	wordsSay     = "要反映问题，可以直接写下来，或者回复其中几个字：\n我要投诉\n我要建议\n人工客服"
	wordsMenu    = "我能帮您做这些：\n【我要办】业务办理、维修申报、供水开放日预约\n【我要查】信息公开、政策查询、办理进度、停水信息\n【我要说】我要投诉、我要建议、人工客服\n回复其中几个字就行，也可以直接写下您的事。"
	wordsPolicy  = "想了解哪一项政策？直接写下来就行，比如：\n过户要什么条件\n停水要提前多久通知\n水表坏了怎么换\n没有核实过的内容，我会请工作人员来答复。"
	wordsOpenDay = "供水开放日预约，我可以先登记，由工作人员与您约定时间。"
)

var menu = map[string]entry{
	"我要办": {tells: wordsDo}, "我要查": {tells: wordsLook}, "我要说": {tells: wordsSay},
	"菜单": {tells: wordsMenu}, "功能": {tells: wordsMenu}, "帮助": {tells: wordsMenu}, "有什么功能": {tells: wordsMenu},
	"业务办理":      {kind: tickets.Application, business: "other", before: "您要办的业务，我可以先登记，由工作人员联系您。"},
	"我要办业务":     {kind: tickets.Application, business: "other", before: "您要办的业务，我可以先登记，由工作人员联系您。"},
	"维修申报":      {kind: tickets.Repair},
	"维修":        {kind: tickets.Repair},
	"报修":        {kind: tickets.Repair},
	"我要报修":      {kind: tickets.Repair},
	"开放日":       {kind: tickets.Application, business: "open_day", before: wordsOpenDay},
	"供水开放日":     {kind: tickets.Application, business: "open_day", before: wordsOpenDay},
	"供水开放日预约":   {kind: tickets.Application, business: "open_day", before: wordsOpenDay},
	"预约供水开放日":   {kind: tickets.Application, business: "open_day", before: wordsOpenDay},
	"我要预约供水开放日": {kind: tickets.Application, business: "open_day", before: wordsOpenDay},
	"信息公开":      {asks: "公开哪些信息"},
	"查询信息公开内容":  {asks: "公开哪些信息"},
	"政策":        {tells: wordsPolicy},
	"政策查询":      {tells: wordsPolicy},
	"查询供水政策":    {tells: wordsPolicy},
	"缴费":        {asks: "水费怎么交"},
	"交水费":       {asks: "水费怎么交"},
	"停水信息":      {asks: "停水了吗", outage: true},
	"建议":        {kind: tickets.Suggestion},
	"提建议":       {kind: tickets.Suggestion},
	"我要建议":      {kind: tickets.Suggestion},
	"我要提建议":     {kind: tickets.Suggestion},
	"我想提个建议":    {kind: tickets.Suggestion},
	"我有个建议":     {kind: tickets.Suggestion},
	"我有个建议想反映":  {kind: tickets.Suggestion},
}

// entryOf finds the entry that a text is, and nothing besides.
func entryOf(text string) (entry, bool) {
	e, ok := menu[strings.Trim(text, " \t\n。.！!，,～~“”\"【】[]")]
	return e, ok
}

// entered begins what an entry stands for. A draft that says nothing yet gives
// way to it.
func (s *scene) entered(ctx context.Context, e entry) (Reply, error) {
	m := &s.memory
	m.Draft, m.Wanted = nil, ""
	switch {
	case e.tells != "":
		return Reply{Text: e.tells}, nil
	case e.outage:
		s.text = e.asks
		return s.outage(ctx)
	case e.asks != "":
		s.text = e.asks
		return s.ask(ctx)
	}
	s.means.Kind, s.means.Urgent = e.kind, false
	s.startAt(ctx)
	d := m.Draft
	d.Kind, d.Application, d.Category = e.kind, e.business, tickets.Other
	if e.business != "" {
		d.Category = categoryOf(e.business)
	}
	return s.next(e.before), nil
}
