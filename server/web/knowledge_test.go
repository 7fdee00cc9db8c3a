package web

import (
	"bytes"
	"context"
	"html"
	"mime/multipart"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/bot/rules"
	"quandesk/channels"
	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/server/store"
)

// asker understands everything as a question.
type asker struct{}

func (asker) Understand(context.Context, string, []channels.Message) (bot.Understanding, error) {
	return bot.Understanding{Intents: []bot.Intent{bot.Ask}}, nil
}

// understander is the one of the bot.
var understander = sync.OnceValue(func() bot.Understander {
	u, err := rules.New()
	if err != nil {
		panic(err)
	}
	return u
})

// furnish gives a house its knowledge: none yet.
func furnish(t *testing.T, p *Parts, st *store.Store) {
	t.Helper()
	words, err := kb.ShippedWords()
	require.NoError(t, err)
	index := func() kb.Index { return embedded.New(words) }
	p.Library = kb.NewLibrary(st, index(), st.Now)
	rules := func(k bot.Knowledge) bot.Answerer { return bot.New(asker{}, k) }
	p.Trial = func(l *kb.Library) bot.Answerer { return rules(l) }
	p.Knowledge = kb.NewDesk(st, st, st, p.Library, kb.Tools{Index: index, Tell: bot.Teller(rules, st.Now), Now: st.Now})
	p.Feedback = st
	p.Understand = understander()
}

// atKnowledge is somebody at the editor's desk.
func (h *house) atKnowledge(username string) *browser {
	b := h.signedIn(username)
	b.csrf = csrfIn.FindStringSubmatch(b.get("/desk/knowledge").is(200).text)[1]
	return b
}

// valveForm is the form of an article that could be published.
func valveForm(short string) url.Values {
	return url.Values{
		"title": {"红色阀门怎么打开"}, "short": {short}, "next": {"打不开请回复“人工”。"}, "clause": {"7.3.2"}, "also": {"7.3.3，11.2"},
		"source": {kb.Standard}, "questions": {"红色阀门怎么开\n\n红色的阀门往哪边转"}, "keywords": {"阀门，红色"}, "verified": {"1"},
	}
}

// written is an article's page after it was made with the form.
func (b *browser) written(form url.Values) string {
	b.house.t.Helper()
	at := b.post("/desk/knowledge/new", form).is(303).Header.Get("Location")
	path, _, _ := strings.Cut(at, "?")
	return path
}

// makes makes a move with the button of the page.
func (b *browser) makes(path, move string, form url.Values) answer {
	b.house.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	form.Set("version", versionIn.FindStringSubmatch(b.get(path).is(200).text)[1])
	return b.post(path+"/moves/"+move, form)
}

var versionIn = regexp.MustCompile(`name="version" value="(\d+)"`)

func TestAnArticleGoesFromDraftToTheResidents(t *testing.T) {
	h := openHouse(t)
	editor, boss := h.atKnowledge("editor"), h.atKnowledge("supervisor")
	path := editor.written(valveForm("向左转三圈。"))
	page := editor.get(path + "?done=save").is(200).text
	for _, words := range []string{"草稿已保存", "未对外，当前第1版", "7.3.3，11.2", "用户看到的答复", "向左转三圈。", "AI生成", "复核通过"} {
		require.Contains(t, page, words)
	}
	require.NotContains(t, page, ">发布</button>")
	require.Contains(t, editor.makes(path, "review", nil).is(303).Header.Get("Location"), "done=review")
	require.Contains(t, editor.get(path).text, "这一版由您本人编写，请另一位有发布权限的人员核对后发布。")
	require.Contains(t, editor.makes(path, "publish", nil).is(409).text, "发布须由编写人以外的人员进行。")
	boss.makes(path, "publish", nil).is(303)
	require.Contains(t, boss.get(path+"?done=publish").text, "对外为第1版")

	tried := h.atKnowledge("auditor").get("/desk/knowledge/test?q=" + url.QueryEscape("红色阀门怎么开")).is(200).text
	require.Contains(t, tried, "用它答复")
	require.Contains(t, tried, `<div class="bubble">向左转三圈。`)
	require.Contains(t, tried, "0.35", "the threshold")

	editor.post(path, valveForm("向右转三圈。")).is(303)
	require.Contains(t, editor.get(path).text, "对外为第1版，当前第2版")
	require.Contains(t, editor.get("/desk/knowledge/test?q=红色阀门怎么开").text, `<div class="bubble">向左转三圈。`, "the published version is told")
	draft := editor.get("/desk/knowledge/test?with=" + strings.TrimPrefix(path, "/desk/knowledge/articles/")).is(200).text
	require.Contains(t, draft, `<div class="bubble">向右转三圈。`, "the draft can be tried")
	diff := editor.get(path + "/diff?from=1&to=2").is(200).text
	require.Contains(t, diff, "向<del>左</del><ins>右</ins>转三圈。")
	editor.get(path + "/diff?from=1&to=9").is(404)

	editor.makes(path, "review", nil).is(303)
	boss.makes(path, "publish", nil).is(303)
	boss.makes(path, "restore", url.Values{"of": {"1"}}).is(303)
	boss.makes(path, "publish", nil).is(303) // words that were published before
	require.Contains(t, editor.get("/desk/knowledge/test?q=红色阀门怎么开").text, `<div class="bubble">向左转三圈。`)
	require.Contains(t, boss.makes(path, "retire", nil).is(422).text, "请填写「说明」")
	boss.makes(path, "retire", url.Values{"note": {"阀门已更换"}}).is(303)
	require.Contains(t, boss.get("/desk/knowledge/test?q=红色阀门怎么开").text, "没有查到准确的答复")

	trail := h.atKnowledge("auditor").get("/desk/audit").is(200).text
	for _, words := range []string{"知识起草", "知识复核", "知识发布", "知识被新版取代", "知识停用", "阀门已更换"} {
		require.Contains(t, trail, words)
	}
	list := h.atKnowledge("admin").get("/desk/knowledge?state=retired&q=" + url.QueryEscape("阀门")).is(200).text
	require.Contains(t, list, "红色阀门怎么打开")
	require.NotContains(t, list, "新增条目", "an administrator does not write")
	require.NotContains(t, h.atKnowledge("admin").get(path).text, "保存草稿")
}

func TestAnArticleIsCheckedOrOpenOrNotTold(t *testing.T) {
	h := openHouse(t)
	editor, boss := h.atKnowledge("editor"), h.atKnowledge("supervisor")
	form := valveForm("周末可以办理过户，两个工作日办好，每户收费一百。")
	form.Set("title", "周末能过户吗")
	form.Set("questions", "周末能过户吗")
	form.Del("verified")
	form.Set("open", "1")
	require.Contains(t, editor.post("/desk/knowledge/new", form).is(422).text, "「暂无答复」的条目不能写数字")
	form.Set("verified", "1")
	require.Contains(t, editor.post("/desk/knowledge/new", form).is(422).text, "「暂无答复」和「内容已核实」只能勾选一个。")
	form.Del("verified")
	form.Del("open")
	claim := editor.written(form)
	require.Contains(t, editor.get(claim).text, "机器人不会说出这一条")
	editor.makes(claim, "review", nil).is(303)
	boss.makes(claim, "publish", nil).is(303)
	asked := h.send("GET", "/api/v1/knowledge/test?q="+url.QueryEscape("周末能过户吗"), h.as("editor"), nil).is(200).json()
	require.NotContains(t, asked["answer"], "周末可以办理过户")
	require.Equal(t, true, asked["unknown"])
	require.Equal(t, false, asked["hits"].([]any)[0].(map[string]any)["tellable"])
	require.Contains(t, editor.get("/desk/knowledge?unverified=1").text, "未核实，不答复")

	form.Set("short", "周末能不能办理过户，这里没有写。")
	form.Set("next", "请到营业网点问。")
	form.Set("open", "1")
	editor.post(claim, form).is(303)
	require.Contains(t, editor.makes(claim, "review", nil).is(422).text, "「暂无答复」的条目要请用户找人工")
	form.Set("next", "请回复“人工”，由工作人员答复。")
	editor.post(claim, form).is(303)
	editor.makes(claim, "review", nil).is(303)
	boss.makes(claim, "publish", nil).is(303)
	asked = h.send("GET", "/api/v1/knowledge/test?q="+url.QueryEscape("周末能过户吗"), h.as("editor"), nil).is(200).json()
	require.Contains(t, asked["answer"], "这里没有写")
	require.Equal(t, true, asked["unknown"])
	require.Empty(t, asked["citations"])
	require.NotContains(t, editor.get("/desk/knowledge?unverified=1").text, "周末能过户吗")
	require.Contains(t, editor.get("/desk/knowledge?open=1").text, "周末能过户吗")
	list := h.send("GET", "/api/v1/knowledge/articles?open=true", h.as("editor"), nil).is(200).json()["articles"].([]any)
	require.Equal(t, true, list[0].(map[string]any)["open"])
}

func TestAFormThatIsLateOrIncompleteIsGivenBack(t *testing.T) {
	h := openHouse(t)
	editor := h.atKnowledge("editor")
	path := editor.written(valveForm("向左转三圈。"))
	seen := versionIn.FindStringSubmatch(editor.get(path).text)[1]
	first, late := valveForm("向右转三圈。"), valveForm("转不动。")
	first.Set("version", seen)
	late.Set("version", seen)
	editor.post(path, first).is(303)
	refused := editor.post(path, late).is(409).text
	require.Contains(t, refused, "这条知识刚刚有更新")
	require.Contains(t, refused, "转不动。", "what was typed is kept")
	require.NotContains(t, refused, `name="version" value="`+seen+`"`, "the fresh version is sent the next time")

	empty := valveForm("")
	empty.Set("title", "")
	require.Contains(t, editor.post("/desk/knowledge/new", empty).is(422).text, "请填写「标题」。")
	unready := editor.written(url.Values{"title": {"只有标题"}})
	require.Contains(t, editor.makes(unready, "review", nil).is(422).text, "请填写「简短答复」。")
	dated := valveForm("向左转。")
	dated.Set("valid_to", "明天")
	require.Contains(t, editor.post("/desk/knowledge/new", dated).is(422).text, "「失效日期」填写有误")
}

func TestAPublishingThatBreaksGoldenQuestionsIsRefusedWithTheList(t *testing.T) {
	h := openHouse(t)
	editor, boss := h.atKnowledge("editor"), h.atKnowledge("supervisor")
	editor.post("/desk/knowledge/golden", url.Values{"question": {"红色阀门怎么开"}}).is(303)
	require.Contains(t, editor.post("/desk/knowledge/golden", url.Values{"question": {"红色阀门怎么开"}}).is(409).text, "已经有相同的内容")
	require.Contains(t, editor.post("/desk/knowledge/golden", url.Values{"question": {"绿色阀门怎么开"}, "article_id": {"no-such"}}).is(422).text, "绿色阀门怎么开")
	path := editor.written(valveForm("向左转三圈。"))
	editor.makes(path, "review", nil).is(303)
	refused := boss.makes(path, "publish", nil).is(409).text
	require.Contains(t, refused, "有1个标准问题会答错")
	require.Contains(t, refused, "发布后会答错的标准问题")
	id := strings.TrimPrefix(path, "/desk/knowledge/articles/")
	a := h.send("POST", "/api/v1/knowledge/articles/"+id+"/publish", h.as("supervisor"), map[string]any{}).is(409)
	require.Equal(t, "golden", a.code())
	require.Equal(t, "红色阀门怎么开", a.json()["golden"].([]any)[0].(map[string]any)["question"])
	require.Contains(t, boss.get("/desk/knowledge/golden?run=1").is(200).text, "共1个，0个答错。")

	golden := editor.get("/desk/knowledge/golden").text
	remove := regexp.MustCompile(`/desk/knowledge/golden/\d+/remove`).FindString(golden)
	require.Empty(t, remove, "whoever writes articles removes no golden question")
	remove = regexp.MustCompile(`/desk/knowledge/golden/\d+/remove`).FindString(boss.get("/desk/knowledge/golden").text)
	require.Contains(t, editor.post(remove, url.Values{}).is(403).text, "标准问题由不编写知识的主管删除")
	boss.post(remove, url.Values{}).is(303)
	boss.post(remove, url.Values{}).is(404)
	boss.makes(path, "publish", nil).is(303)
	require.Contains(t, h.atKnowledge("auditor").get("/desk/audit").is(200).text, "标准问题删除")
}

func TestTheHitTestMarksTheArticleThatIsToldThoughItIsOpen(t *testing.T) {
	h := openHouse(t)
	require.NoError(t, h.Knowledge.Seed(t.Context()))
	require.NoError(t, h.Knowledge.Library().Load(t.Context()))
	test := h.send("GET", "/api/v1/knowledge/test?q="+url.QueryEscape("水价多少钱一吨"), h.as("editor"), nil).is(200).json()
	require.Empty(t, test["citations"])
	first := test["hits"].([]any)[0].(map[string]any)
	require.Equal(t, "price-water", first["article_id"])
	require.Equal(t, true, first["told"])
	require.Equal(t, 1, strings.Count(h.atKnowledge("editor").get("/desk/knowledge/test?q="+url.QueryEscape("水价多少钱一吨")).text, "用它答复"))
}

func TestAHitTestOfALongOrBlankQuestionIsRefusedInPlainWords(t *testing.T) {
	h := openHouse(t)
	editor := h.atKnowledge("editor")
	page := editor.get("/desk/knowledge/test").is(200).text
	require.Contains(t, page, `method="post"`)
	require.Contains(t, page, `maxlength="500"`)
	long := editor.post("/desk/knowledge/test", url.Values{"q": {strings.Repeat("水", 10_000)}}).is(422)
	require.Contains(t, long.Header.Get("Content-Type"), "text/html")
	require.Contains(t, long.text, "问题有10000个字，最多500个字，请缩短后再测。")
	require.Contains(t, editor.get("/desk/knowledge/test?q="+url.QueryEscape(strings.Repeat("水", 501))).is(422).text, "问题有501个字")
	require.Contains(t, editor.post("/desk/knowledge/test", url.Values{"q": {"红色阀门怎么开"}}).is(200).text, "机器人会这样答复")
	for _, blank := range []string{"", "%20%20", "%0a%e3%80%80"} {
		require.Equal(t, "请填写「搜索内容」。", h.send("GET", "/api/v1/knowledge/test?q="+blank, h.as("editor"), nil).is(422).says(), "%q", blank)
	}
}

func TestTheListAndThePageSayWhatIsToldNow(t *testing.T) {
	h := openHouse(t)
	editor, boss := h.atKnowledge("editor"), h.atKnowledge("supervisor")
	require.Contains(t, editor.get("/desk/knowledge/new").text, "<title>新增条目")
	path := editor.written(valveForm("向左转三圈。"))
	id := strings.TrimPrefix(path, "/desk/knowledge/articles/")
	require.Contains(t, editor.get(path).text, "编号 <code>"+id)
	require.Contains(t, editor.get("/desk/knowledge").text, id)
	require.Contains(t, editor.get("/desk/knowledge/golden").text, `<option value="`+id+`">红色阀门怎么打开（`+id+`）</option>`)
	editor.makes(path, "review", nil).is(303)
	boss.makes(path, "publish", nil).is(303)
	brief := valveForm("向右转三圈。")
	day := time.Now().AddDate(0, 0, 3)
	brief.Set("valid_from", day.Format(time.DateOnly))
	brief.Set("valid_to", day.AddDate(0, 0, 3).Format(time.DateOnly))
	editor.post(path, brief).is(303)
	editor.makes(path, "review", nil).is(303)
	boss.makes(path, "publish", nil).is(303)
	require.Contains(t, editor.get(path).text, "对外为第1版（第2版"+day.Format(time.DateOnly)+"起对外）")
	later := day.AddDate(0, 0, 9)
	h.store.SetClock(func() time.Time { return later })
	list, err := h.store.Entries(t.Context(), kb.Filter{})
	h.store.SetClock(nil)
	require.NoError(t, err)
	row := newArticleRows(list.Rows, later)[0]
	require.Equal(t, "现在对外第1版", row.Told)
	require.Empty(t, row.Until, "the version that is told has no end")
	e, err := h.Knowledge.Entry(t.Context(), id)
	require.NoError(t, err)
	require.Contains(t, toldWords(&e, later), "对外为第1版（第2版"+day.AddDate(0, 0, 3).Format(time.DateOnly)+"已失效）")

	given := editor.written(valveForm("转不动。"))
	editor.makes(given, "discard", nil).is(303)
	require.Contains(t, editor.get(given).text, "已放弃</span>")
	require.Equal(t, 1, strings.Count(editor.get("/desk/knowledge").text, "已放弃</span>"))
}

func TestRetiringWhatAGoldenQuestionNeedsIsRefusedWithTheList(t *testing.T) {
	h := openHouse(t)
	editor, boss := h.atKnowledge("editor"), h.atKnowledge("supervisor")
	path := editor.written(valveForm("向左转三圈。"))
	editor.makes(path, "review", nil).is(303)
	boss.makes(path, "publish", nil).is(303)
	id := strings.TrimPrefix(path, "/desk/knowledge/articles/")
	editor.post("/desk/knowledge/golden", url.Values{"question": {"红色阀门怎么开"}, "article_id": {id}}).is(303)
	refused := boss.makes(path, "retire", url.Values{"note": {"阀门已更换"}}).is(409).text
	require.Contains(t, refused, "暂不能停用：停用后有1个标准问题会答错，如「红色阀门怎么开」。")
	require.Contains(t, refused, "停用后会答错的标准问题")
	require.Contains(t, refused, ">红色阀门怎么打开</a></td>", "titles, no ids")

	brief := valveForm("向右转三圈。")
	brief.Set("valid_to", time.Now().AddDate(0, 1, 0).Format(time.DateOnly))
	editor.post(path, brief).is(303)
	editor.makes(path, "review", nil).is(303)
	refused = boss.makes(path, "publish", nil).is(409).text
	require.Contains(t, refused, "暂不能发布：从"+time.Now().AddDate(0, 1, 0).Format(time.DateOnly)+"起有1个标准问题会答错")
}

// unanswered lets the bot give up on a question.
func (h *house) unanswered(question string) (b *browser, message int64) {
	h.t.Helper()
	b = h.resident()
	b.post("/chat/messages", url.Values{"text": {question}}).is(303)
	list, err := h.store.Conversation(h.t.Context(), channels.Scope{All: true}, conversationIn(h.t, b))
	require.NoError(h.t, err)
	require.NoError(h.t, h.store.Atomically(h.t.Context(), func(s *store.Store) error {
		said, err := s.Say(h.t.Context(), list, channels.Message{Author: channels.FromBot, Text: "没有查到", AI: true})
		if err != nil {
			return err
		}
		message = said.ID
		return s.Unknown(h.t.Context(), said, question)
	}))
	return b, message
}

var conversationOf = regexp.MustCompile(`data-live="conversation:(\d+)"`)

func conversationIn(t *testing.T, b *browser) int64 {
	t.Helper()
	found := conversationOf.FindStringSubmatch(b.get("/").is(200).text)
	require.NotNil(t, found)
	return idOf(found[1])
}

func TestAGapBecomesAnArticleByOneClick(t *testing.T) {
	h := openHouse(t)
	h.unanswered("半夜能来修水管吗，我的电话13812345678")
	h.unanswered("半夜能来修水管不")
	editor, boss := h.atKnowledge("editor"), h.atKnowledge("supervisor")
	page := editor.get("/desk/knowledge/gaps").is(200).text
	require.Contains(t, page, "没有答上 2次")
	require.NotContains(t, page, "13812345678")
	require.NotContains(t, boss.get("/desk/knowledge/gaps").is(200).text, "写成条目", "a supervisor reads")
	write := regexp.MustCompile(`/desk/knowledge/gaps/\d+/write`).FindString(page)
	path := editor.post(write, url.Values{}).is(303).Header.Get("Location")
	require.Contains(t, editor.get(path).is(200).text, "由用户问题生成")
	require.Contains(t, editor.get("/desk/knowledge/gaps").text, "打开条目")
	require.Contains(t, editor.get(editor.post("/desk/knowledge/gaps/0/retest", url.Values{}).is(303).Header.Get("Location")).text, "已再测2个问题，其中0个现在能答复。")
	form := valveForm("夜里也派人抢修。")
	form.Set("title", "半夜能来修水管吗")
	form.Set("questions", "半夜能来修水管吗\n半夜能来修水管不")
	editor.post(path, form).is(303)
	editor.makes(path, "review", nil).is(303)
	boss.makes(path, "publish", nil).is(303)
	require.Contains(t, editor.get("/desk/knowledge/gaps").text, "没有这样的问题。")
	require.Contains(t, editor.get("/desk/knowledge/gaps?state=covered").text, "半夜能来修水管不")
}

func TestAGapIsCoveredOnlyWhenTheBotWouldGiveACitedAnswer(t *testing.T) {
	h := openHouse(t)
	require.NoError(t, h.Knowledge.Seed(t.Context()))
	require.NoError(t, h.Knowledge.Library().Load(t.Context()))
	h.unanswered("用支付宝能交水费吗")
	h.unanswered("水价多少钱一吨")
	editor := h.atKnowledge("editor")
	again := editor.post("/desk/knowledge/gaps/0/retest", url.Values{}).is(303).Header.Get("Location")
	require.Contains(t, editor.get(again).text, "已再测2个问题，其中0个现在能答复。")
	boss := h.atKnowledge("supervisor")
	form := valveForm("可以用支付宝交水费。")
	form.Set("title", "用支付宝能交水费吗")
	form.Set("questions", "用支付宝能交水费吗")
	form.Set("source", "公司通知")
	path := editor.written(form)
	editor.makes(path, "review", nil).is(303)
	boss.makes(path, "publish", nil).is(303)
	again = editor.post("/desk/knowledge/gaps/0/retest", url.Values{}).is(303).Header.Get("Location")
	require.Contains(t, editor.get(again).text, "已再测2个问题，其中1个现在能答复。")
}

func TestAResidentSaysThatAnAnswerWasOfNoUse(t *testing.T) {
	h := openHouse(t)
	b, message := h.unanswered("半夜能来修水管吗")
	other, _ := h.unanswered("能不能送水上门")
	path := "/chat/messages/" + jsonNumber(message) + "/feedback"
	require.Contains(t, b.get("/").text, `action="`+path+`"`)
	other.post(path, url.Values{}).is(404)
	b.post(path, url.Values{}, asFragment).is(200)
	require.Contains(t, b.post(path, url.Values{}, asFragment).is(200).text, "已反馈，谢谢。")
	b.post(path, url.Values{}).is(303)
	page := b.get("/").text
	require.Contains(t, page, "已反馈，谢谢。")
	require.NotContains(t, page, `action="`+path+`"`)
	require.Contains(t, h.atKnowledge("editor").get("/desk/knowledge/gaps").text, "没帮上忙 1次")
	csrf := b.csrf
	b.csrf = "guessed"
	b.post(path, url.Values{}).is(403)
	b.csrf = csrf

	token, _ := h.visit()
	h.send("POST", "/api/v1/webchat/messages/"+jsonNumber(message)+"/feedback", token, map[string]any{"vote": "down"}).is(404)
	h.send("POST", "/api/v1/webchat/messages/1/feedback", token, map[string]any{"vote": "up"}).is(422)
}

func TestTheKnowledgeOverTheAPI(t *testing.T) {
	h := openHouse(t)
	words := map[string]any{
		"title": "红色阀门怎么打开", "short": "向左转三圈。", "next": "打不开请回复“人工”。", "clause": "7.3.2", "source": kb.Standard,
		"questions": []string{"红色阀门怎么开"}, "verified": true, "valid_to": time.Now().AddDate(0, 0, 20).Format(time.DateOnly),
	}
	editor, boss := h.as("editor"), h.as("supervisor")
	made := h.send("POST", "/api/v1/knowledge/articles", editor, map[string]any{"id": "valve", "content": words}).is(201).json()
	require.Equal(t, "draft", made["state"])
	h.send("POST", "/api/v1/knowledge/articles", editor, map[string]any{"id": "valve", "content": words}).is(409)
	require.Equal(t, "「编号」填写有误，请核对后再提交。", h.send("POST", "/api/v1/knowledge/articles", editor, map[string]any{"id": "阀门", "content": words}).is(422).says())
	seen := made["revision"]
	words["short"] = "向右转三圈。"
	h.send("POST", "/api/v1/knowledge/articles/valve", editor, map[string]any{"revision": seen, "content": words}).is(200)
	stale := h.send("POST", "/api/v1/knowledge/articles/valve", editor, map[string]any{"revision": seen, "content": words}).is(409)
	require.Equal(t, "stale", stale.code())
	require.EqualValues(t, 2, stale.json()["article"].(map[string]any)["version"], "the fresh state comes along")
	h.send("POST", "/api/v1/knowledge/articles/valve/review", editor, map[string]any{}).is(200)
	h.send("POST", "/api/v1/knowledge/articles/valve/publish", editor, map[string]any{}).is(409)
	told := h.send("POST", "/api/v1/knowledge/articles/valve/publish", boss, map[string]any{}).is(200).json()
	require.Equal(t, "published", told["state"])
	require.EqualValues(t, 2, told["published_version"])
	list := h.send("GET", "/api/v1/knowledge/articles?expires_within=30&state=published", h.as("auditor"), nil).is(200).json()
	require.Len(t, list["articles"], 1)
	require.Len(t, h.send("GET", "/api/v1/knowledge/articles?expires_within=10", editor, nil).is(200).json()["articles"], 0)
	versions := h.send("GET", "/api/v1/knowledge/articles/valve/versions", editor, nil).is(200).json()["versions"].([]any)
	require.Len(t, versions, 2)
	h.send("GET", "/api/v1/knowledge/articles/none/versions", editor, nil).is(404)
	h.send("POST", "/api/v1/knowledge/articles/valve/explode", boss, map[string]any{}).is(404)
	test := h.send("GET", "/api/v1/knowledge/test?q="+url.QueryEscape("红色阀门怎么开"), editor, nil).is(200).json()
	require.Equal(t, true, test["hits"].([]any)[0].(map[string]any)["told"])
	require.Contains(t, test["answer"], "向右转三圈。")
	require.Equal(t, kb.Answerable, test["threshold"])
	h.send("POST", "/api/v1/knowledge/golden", editor, map[string]any{"question": "红色阀门怎么开", "article_id": "valve"}).is(201)
	golden := h.send("GET", "/api/v1/knowledge/golden?run=true", editor, nil).is(200).json()
	require.EqualValues(t, 0, golden["failed"])
	h.unanswered("能不能送水上门")
	gaps := h.send("GET", "/api/v1/knowledge/gaps", editor, nil).is(200).json()["gaps"].([]any)
	require.Len(t, gaps, 1)
	id := jsonNumber(int64(gaps[0].(map[string]any)["id"].(float64)))
	require.Equal(t, "gap-"+id, h.send("POST", "/api/v1/knowledge/gaps/"+id+"/write", editor, nil).is(200).json()["article_id"])
	h.send("POST", "/api/v1/knowledge/gaps/"+id+"/dismiss", editor, nil).is(200)
	require.Len(t, h.send("GET", "/api/v1/knowledge/gaps", editor, nil).is(200).json()["gaps"], 0)
}

func TestWhatEditorsAndResidentsWriteIsTextOnEveryPage(t *testing.T) {
	h := sampleHTML(t)
	for _, evil := range hostile {
		a := kb.Article{ID: evil, Title: evil, Short: evil, Details: evil, Next: evil, Clause: evil, Also: []string{evil}, Source: evil, Questions: []string{evil}, Keywords: []string{evil}}
		v := kb.Version{Article: a, Author: kb.Person{Name: evil}, Reviewer: kb.Person{Name: evil}, ReviewedAt: sampleNow}
		e := kb.Entry{ID: evil, Head: v, Live: []kb.Version{v}, Last: 2, Waiting: 1}
		article := newArticleView(&e, []kb.Version{v, v}, kb.Editor{Edits: true, Publishes: true}, sampleNow)
		shown := thread{now: sampleNow}.view(answerMessage(bot.Preview(a), sampleNow))
		verdicts := newVerdicts([]kb.Verdict{{Golden: kb.Golden{Question: evil, ArticleID: evil, Author: kb.Person{Name: evil}}, Got: evil, Title: evil}}, nil)
		article.Problem, article.Preview, article.Broken = evil, &shown, verdicts
		for name, view := range map[string]any{
			"page-knowledge": knowledgeView{Query: evil, Clause: evil, Rows: newArticleRows([]kb.Row{{ID: evil, Title: evil, Clause: evil, State: kb.Status(evil)}}, sampleNow), More: "/desk/knowledge?cursor=" + evil},
			"page-article":   article,
			"page-diff":      diffView{Href: articleHref(evil), Name: evil, Versions: []string{"1"}, Fields: newDiff(kb.Compare(kb.Article{}, a))},
			"page-hits":      hitsView{Query: evil, With: evil, Draft: evil, Asked: true, Answer: &shown, Hits: newHits(tested{found: []kb.Probed{{Found: kb.Found{Article: a, Passage: evil}}}}, sampleNow)},
			"page-golden":    goldenView{CanEdit: true, Question: evil, Choices: []option{{Value: evil, Label: evil}}, Rows: verdicts},
			"page-gaps":      gapsView{CanEdit: true, Open: true, Rows: newGaps([]kb.Group{{Questions: []kb.Question{{Text: evil, DraftID: evil, ArticleID: evil}}}}, sampleNow)},
			"vote":           messageView{CSRF: evil},
		} {
			var b bytes.Buffer
			require.NoError(t, h.write(&b, name, view))
			require.Empty(t, acts(b.String()), "%s lets %q through", name, evil)
		}
	}
}

func TestAFileBecomesDraftsAfterAPreview(t *testing.T) {
	h := openHouse(t, func(p *Parts) {
		p.ReadArticles = func(name string, data []byte) (kb.File, error) {
			if name != "条目.csv" || string(data) != "甲,乙" {
				return kb.File{}, &kb.FileError{Words: "这个文件里读不出条目。"}
			}
			return kb.File{Rows: []kb.Read{
				{Where: "第1行", Article: kb.Article{ID: "valve", Title: "红色阀门怎么打开", Status: kb.Published}}, {Where: "第2行", Problem: "没有标题。"},
			}, Notes: []string{"2处隐藏的文字没有导入。"}}, nil
		}
	})
	editor := h.atKnowledge("editor")
	upload := func(name, data string) answer {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		require.NoError(t, w.WriteField("_csrf", editor.csrf))
		part, err := w.CreateFormFile("file", name)
		require.NoError(t, err)
		_, err = part.Write([]byte(data))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return editor.ask("POST", "/desk/knowledge/import/attachments", w.FormDataContentType(), body.Bytes())
	}
	require.Contains(t, upload("病毒.exe", "x").is(422).text, "读不出条目")
	preview := upload("条目.csv", "甲,乙").is(200).text
	require.Contains(t, preview, "没有标题。")
	require.Contains(t, preview, "2处隐藏的文字没有导入。")
	require.Contains(t, preview, "读到2条：可以导入1条，不能导入1条。")
	require.Contains(t, preview, "新增")
	require.Contains(t, preview, "把1条存为草稿")
	_, err := h.Knowledge.Entry(t.Context(), "valve")
	require.ErrorIs(t, err, kb.ErrNotFound, "nothing before it is confirmed")
	articles := html.UnescapeString(regexp.MustCompile(`name="articles" value="([^"]+)"`).FindStringSubmatch(preview)[1])
	require.Contains(t, editor.post("/desk/knowledge/import/attachments", url.Values{"articles": {articles}}).is(200).text, "新增1条草稿，更新0条草稿。")
	require.Contains(t, editor.post("/desk/knowledge/import/attachments", url.Values{"articles": {articles}}).is(200).text, "新增0条草稿，更新0条草稿。")
	e, err := h.Knowledge.Entry(t.Context(), "valve")
	require.NoError(t, err)
	require.Equal(t, kb.Draft, e.Head.Status)
	require.Equal(t, kb.Imported, e.Head.Origin)
	editor.post("/desk/knowledge/import/attachments", url.Values{"articles": {"{"}}).is(400)
	require.NotContains(t, h.atKnowledge("supervisor").get("/desk/knowledge").text, "/desk/knowledge/import")
}
