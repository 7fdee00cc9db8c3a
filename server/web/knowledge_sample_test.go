package web

import (
	"time"

	"quandesk/bot"
	"quandesk/kb"
)

func sampleArticle() kb.Article {
	return kb.Article{
		ID: "complaint-limit", Title: "投诉多久办好", Short: "投诉2日内办结并答复您。", Details: "情况复杂的会提前告诉您。",
		Next: "可以在这里登记投诉。", Clause: "11.2", Also: []string{"11.3"}, Source: kb.Standard,
		Questions: []string{"投诉几天能办好", "投诉多久有结果"}, Keywords: []string{"办结", "投诉"}, Verified: true,
		Status: kb.Published, Version: 2, UpdatedAt: ago(48 * time.Hour),
	}
}

func sampleVersions() []kb.Version {
	editor, second := kb.Person{ID: 5, Name: "周静"}, kb.Person{ID: 4, Name: "孙建国"}
	one := kb.Version{Article: sampleArticle(), Origin: kb.Shipped, PublishedAt: ago(90 * time.Hour)}
	one.Version, one.Status, one.UpdatedAt = 1, kb.Superseded, ago(90*time.Hour)
	two := kb.Version{Article: sampleArticle(), Origin: kb.Written, Author: editor, Reviewer: editor, ReviewedAt: ago(47 * time.Hour), Publisher: second, PublishedAt: ago(46 * time.Hour)}
	three := kb.Version{Article: sampleArticle(), Origin: kb.Written, Author: editor, Reviewer: editor, ReviewedAt: ago(time.Hour)}
	three.Version, three.Status, three.UpdatedAt = 3, kb.Reviewed, ago(2*time.Hour)
	three.Short, three.Questions = "投诉登记后2日内办结并答复您。", append(three.Questions, "投诉什么时候有回音")
	return []kb.Version{three, two, one}
}

func sampleKnowledgeFrame(title, here string) deskFrame {
	f := deskFrame{frame: sampleFrame(title, knowledgeHome)}
	for _, t := range knowledgeTabs {
		f.Tabs = append(f.Tabs, navView{Href: t.href, Label: t.label, Current: t.href == here})
	}
	return f
}

func sampleEntryView(by kb.Editor) articleView {
	versions := sampleVersions()
	e := kb.Entry{ID: "complaint-limit", Head: versions[0], Live: versions[1:2], Last: 4, Waiting: 4, Edited: true, Revision: 7}
	v := newArticleView(&e, versions, by, sampleNow)
	v.deskFrame = sampleKnowledgeFrame(v.Title, knowledgeHome)
	preview := thread{now: sampleNow}.view(answerMessage(bot.Preview(versions[0].Article), sampleNow))
	v.Preview = &preview
	return v
}

// knowledgeSamples are the pages of the editor's desk.
func knowledgeSamples() []sample {
	rows := []kb.Row{
		{ID: "complaint-limit", Title: "投诉多久办好", Clause: "11.2", State: kb.Reviewed, Version: 3, Published: 2, Waiting: 4, Verified: true, UpdatedAt: ago(time.Hour)},
		{ID: "price-water", Title: "水价是多少", Clause: "10.1.2", State: kb.Published, Version: 1, Published: 1, Open: true, UpdatedAt: ago(90 * time.Hour), ValidTo: ago(-72 * time.Hour)},
		{ID: "gap-9", Title: "半夜能来修水管吗", State: kb.Draft, Version: 1, UpdatedAt: ago(2 * time.Hour)},
	}
	list := knowledgeView{
		deskFrame: sampleKnowledgeFrame("知识", knowledgeHome), CanEdit: true, More: "/desk/knowledge?cursor=abc",
		State: pick{"state", "状态", optionsOf(listedStates, statusNames, "")}, Rows: newArticleRows(rows, sampleNow),
	}
	editor := kb.Editor{Person: kb.Person{ID: 5, Name: "周静"}, Edits: true, Publishes: true}
	boss := kb.Editor{Person: kb.Person{ID: 4, Name: "孙建国"}, Publishes: true}
	refused := sampleEntryView(boss)
	broken := []kb.Verdict{{Golden: kb.Golden{ID: 3, Question: "水箱多久清洗一次", ArticleID: "complaint-limit"}, Got: "complaint-limit", Title: "投诉多久办好", Score: 0.71}}
	refused.Problem, refused.Broken = gateSentence(&kb.GateError{Broken: broken}), newVerdicts(broken, func(string) string { return "投诉多久办好" })
	refused.BrokenBy = brokenBy(&kb.GateError{Broken: broken})
	versions := sampleVersions()
	diff := diffView{
		deskFrame: sampleKnowledgeFrame("版本对比", knowledgeHome), ID: "complaint-limit", Href: articleHref("complaint-limit"), Name: "投诉多久办好",
		From: 2, To: 3, Versions: []string{"3", "2", "1"}, Fields: newDiff(kb.Compare(versions[1].Article, versions[0].Article)),
	}
	answer := thread{now: sampleNow}.view(answerMessage(bot.Preview(sampleArticle()), sampleNow))
	late := sampleArticle()
	late.ID, late.ValidTo = "complaint-old", ago(time.Hour)
	other := sampleArticle()
	other.ID = "complaint-ways"
	tried := hitsView{
		deskFrame: sampleKnowledgeFrame("命中测试", knowledgeHome+"/test"), Query: "投诉几天办好", Asked: true, Most: longestTest, Least: score(kb.Answerable), Answer: &answer,
		Hits: newHits(tested{reply: bot.Preview(sampleArticle()), found: []kb.Probed{
			{Found: kb.Found{Article: sampleArticle(), Score: 0.93, Passage: "投诉几天能办好"}, InForce: true, Enough: true},
			{Found: kb.Found{Article: late, Score: 0.5, Passage: "投诉多久有结果"}, Enough: true},
			{Found: kb.Found{Article: other, Score: 0.2, Passage: "投诉"}, InForce: true},
		}}, sampleNow),
	}
	title := func(string) string { return "投诉多久办好" }
	golden := goldenView{
		deskFrame: sampleKnowledgeFrame("标准问题", knowledgeHome+"/golden"), CanEdit: true, CanRemove: true, Ran: true, Failed: true, Sum: "共2个，1个答错。",
		Rows: newVerdicts([]kb.Verdict{
			{Golden: kb.Golden{ID: 1, Question: "明天股票会涨吗", Shipped: true}, Got: "complaint-limit", Title: "投诉多久办好", Score: 0.4, Answered: true},
			{Golden: kb.Golden{ID: 2, Question: "投诉几天能办好", ArticleID: "complaint-limit", Author: kb.Person{Name: "周静"}}, Got: "complaint-limit", Title: "投诉多久办好", Score: 0.95},
		}, title),
	}
	gaps := gapsView{
		deskFrame: sampleKnowledgeFrame("待补知识", knowledgeHome+"/gaps"), Open: true, CanEdit: true, Done: "已再测3个问题，其中1个现在能答复。",
		State: pick{"state", "状态", optionsOf(gapStates, gapStateNames, kb.Open)},
		Rows: newGaps([]kb.Group{
			{Unanswered: 1, Down: 1, Questions: []kb.Question{
				{ID: 8, Text: "半夜能来修水管不", Down: true, ArticleID: "complaint-limit", AskedAt: ago(time.Hour)}, {ID: 3, Text: "半夜能来修水管吗", Unanswered: true, AskedAt: ago(5 * time.Hour)},
			}},
			{Unanswered: 1, Questions: []kb.Question{{ID: 9, Text: "能不能送水上门", Unanswered: true, DraftID: "gap-9", AskedAt: ago(2 * time.Hour)}}},
		}, sampleNow),
	}
	return []sample{
		{"knowledge", "page-knowledge", list},
		{"article", "page-article", sampleEntryView(editor)},
		{"article-refused", "page-article", refused},
		{"article-read", "page-article", sampleEntryView(kb.Editor{})},
		{"article-new", "page-article", articleView{deskFrame: sampleKnowledgeFrame("新增条目", knowledgeHome), IsNew: true, CanEdit: true, Fields: articleFields(kb.Article{Source: kb.Standard})}},
		{"diff", "page-diff", diff},
		{"hits", "page-hits", tried},
		{"golden", "page-golden", golden},
		{"gaps", "page-gaps", gaps},
		{"import", "page-import", importView{
			deskFrame: sampleKnowledgeFrame("导入", importHref), Read: true, Good: 1, Largest: largestArticles, Articles: "[]",
			Sum: "读到2条：可以导入1条，不能导入1条。", Notes: []string{"2处隐藏的文字没有导入。"},
			Rows: []importRow{{Where: "第2行", Title: "半夜能来修水管吗", Change: "新增", Questions: 3}, {Where: "第3行", Problem: "没有标题。"}},
		}},
		{"voted", "vote", messageView{ID: 7, Voted: true}},
	}
}

// knowledgeZeroes are their templates with nothing in the view.
func knowledgeZeroes() map[string]any {
	return map[string]any{
		"page-knowledge": knowledgeView{}, "article-rows": knowledgeView{}, "knowledge-tabs": deskFrame{}, "pick-all": pick{}, "page-article": articleView{},
		"page-diff": diffView{}, "verdicts": []verdictRow{}, "page-hits": hitsView{}, "page-golden": goldenView{}, "page-gaps": gapsView{}, "vote": messageView{}, "page-import": importView{},
	}
}
