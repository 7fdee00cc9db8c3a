package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"quandesk/bot"
	"quandesk/bot/rules"
	"quandesk/kb"
)

// one is a knowledge of one article that fits every question.
type one struct{ kb.Article }

func (k one) Search(context.Context, string, int) ([]kb.Found, error) {
	return []kb.Found{{Article: k.Article, Score: 0.99}}, nil
}

func TestAClaimNobodyHasCheckedIsNotToldAndAnOpenArticleIsNoAnswer(t *testing.T) {
	hall := kb.Article{ID: "hall", Title: "历下营业厅在哪", Short: "历下营业厅在泉城路中段新华书店对面，电话零五三一八八八八一二三四。", Next: "需要人工请回复“人工”。", Source: "公司通知"}
	transfer := kb.Article{ID: "transfer", Title: "周末能过户吗", Short: "周末可以办理过户，两个工作日办好，每户收费一百。", Next: "需要人工请回复“人工”。", Source: "公司通知"}
	open := kb.Article{ID: "open", Title: "支付宝能交水费吗", Short: "能不能用支付宝交这里没有写，请人工答复。", Source: "公司通知", Open: true}
	u, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []kb.Article{hall, transfer, open} {
		for name, understands := range map[string]bot.Understander{"everything is a question": asker{}, "the rules": u} {
			r, err := bot.New(understands, one{a}).Answer(t.Context(), turn(a.Title))
			if err != nil {
				t.Fatal(err)
			}
			told := strings.Contains(r.Text, a.Short)
			if told != a.Open || len(r.Citations) != 0 || (r.ArticleID == a.ID) != a.Open || !r.Unknown {
				t.Errorf("%s, %s: %q cites %v, unknown %t", a.ID, name, r.Text, r.Citations, r.Unknown)
			}
		}
		a.Verified, a.Open = true, false
		r, err := bot.New(asker{}, one{a}).Answer(t.Context(), turn(a.Title))
		if err != nil || r.Unknown || len(r.Citations) != 1 {
			t.Errorf("%s checked: %q, unknown %t, %v", a.ID, r.Text, r.Unknown, err)
		}
	}
}

func TestAQuestionIsAnsweredOnlyByWhatIsCited(t *testing.T) {
	u, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	tell := bot.Teller(func(k bot.Knowledge) bot.Answerer { return bot.New(u, k) }, func() time.Time { return friday })
	l := newLibrary(t)
	for question, want := range map[string]bool{
		"用支付宝能交水费吗": false, "水价多少钱一吨": false, "天上有几颗星星": false, "投诉多久有人联系我": true,
	} {
		found, ok, err := tell(t.Context(), l, question)
		if err != nil || ok != want || ok && found.Article.ID == "" {
			t.Errorf("%s is answered: %t by %q, %v", question, ok, found.Article.ID, err)
		}
	}
	verdicts, err := kb.Judge(t.Context(), tell, l, []kb.Golden{{Question: "水价多少钱一吨"}, {Question: "天上有几颗星星"}, {Question: "投诉多久有人联系我"}})
	if err != nil || len(kb.Failed(verdicts)) != 1 || verdicts[2].Passed() {
		t.Errorf("only what is answered fails where nobody should know: %+v, %v", verdicts, err)
	}
}
