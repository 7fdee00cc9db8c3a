package claims_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot/claims"
	"quandesk/channels"
	"quandesk/kb"
	"quandesk/server/watched"
)

// wordings are correct ways of telling what an article says: whole, in part,
// in another order, with courtesies around it.
func wordings(a kb.Article) []string {
	out := []string{whole(a), a.Short, "您好，" + a.Short + "\n需要人工请回复“人工”。", "根据供水服务规范的规定，" + a.Short}
	if a.Details != "" {
		out = append(out, a.Details+"\n"+a.Short, a.Short+"另外，"+a.Details)
	}
	if a.Next != "" {
		out = append(out, "关于您问的这个问题，"+a.Short+a.Next)
	}
	return out
}

// freely are wordings a model might find, by article.
var freely = map[string][]string{
	"leak-arrival":          {"接到漏水消息后，专业抢修人员30分钟内就到现场。漏水请在这里留下准确位置和电话。", "24小时都有人接报漏，抢修人员三十分钟内到现场，您可以在这里留下位置和电话，说明水流大小。"},
	"repair-time":           {"水管口径500毫米及以下的，24小时内修好；口径超过500毫米的，48小时内恢复供水。", "要看水管口径：500毫米及以下24小时内恢复供水，超过500毫米的48小时内恢复。"},
	"planned-outage-notice": {"计划停水会至少提前24小时通知您；影响大、时间长的，还要提前48小时在媒体公告。", "计划停水，通知至少提前24小时送到您这里，可以是书面、电话、短信，也可以上门说。"},
	"complaint-time":        {"投诉后20分钟内有人联系您，2日内办完。", "接到您的投诉后，20分钟内就有人联系您，两天内办完。"},
	"close-account":         {"您可以到任一营业网点申请销户，审核合格后，换表员接单2日内上门撤表，需要您签字确认。", "销户要先把撤表前的水费结清，审核合格后两日内上门撤表。"},
	"tank-cleaning":         {"二次供水的水箱每半年清洗消毒一次，还要检测水质。"},
	"connection-callback":   {"会的，完工挂表后3个工作日内会打电话回访您。"},
	"public-when":           {"一般在信息形成或变化后20个工作日内公开，紧急的信息马上公开。"},
	"overdue-reminder":      {"逾期没交水费，会收到催缴通知单，还要按合同约定付违约金。违约金怎么算，请看您签的供用水合同。"},
	"long-outage-water":     {"计划停水超过24小时，会给居民集中的地方送水；没超过24小时的，您提出需要也会安排送水。"},
	"fast-connection":       {"不用办挖路占绿手续的重点项目、应急工程等，接水全过程5日以内办完。"},
}

func TestCorrectAnswersPass(t *testing.T) {
	blocked, all := 0, 0
	for _, a := range told(t) {
		for _, text := range append(wordings(a), freely[a.ID]...) {
			all++
			if faults := append(claims.Check(text, by(a)), claims.CheckWording(text, by(a))...); len(faults) > 0 {
				blocked++
				t.Logf("%s: %v\n%s", a.ID, faults, text)
			}
		}
	}
	t.Logf("%d of %d correct answers blocked", blocked, all)
	require.True(t, watched.ByRace() || all > 200)
	require.LessOrEqual(t, float64(blocked), 0.02*float64(all))
}

var repair = kb.Article{
	ID: "repair", Title: "修水管要多久", Clause: "7.3.3", Source: kb.Standard, Verified: true,
	Short:   "口径500毫米及以下的水管，24小时内修好恢复供水；计划停水至少提前48小时通知。",
	Details: "维修不收费。咨询可以打0531-55501234。", Next: "想知道进展，请在这里发地址。",
}

func TestClaimsWithoutProofAreBlocked(t *testing.T) {
	for _, c := range []struct {
		text string
		rule claims.Rule
	}{
		{"36小时内修好。", claims.Figure},
		{"二十六小时内修好。", claims.Figure},
		{"48小时内修好。", claims.Binding},
		{"计划停水提前24小时通知。", claims.Binding},
		{"请打0531-55501235咨询。", claims.Private},
		{"请拨打13812345678。", claims.Private},
		{"水费每吨4.2元。", claims.Figure},
		{"明天就来水。", claims.Figure},
		{"今晚8点恢复供水。", claims.Figure},
		{"依据第8.2条修好。", claims.Figure},
		{"详见http://evil.example/a。", claims.Link},
		{"详见evil.example。", claims.Link},
		{"请扫二维码咨询。", claims.Name},
		{"请到天桥营业厅办理。", claims.Name},
		{"《供水法》规定24小时内修好。", claims.Name},
		{"![水](//x/?d=1)", claims.Markup},
		{"我们承诺修好。", claims.Promise},
		{"我们将赔偿您的损失。", claims.Promise},
		{"您家的水费免了。", claims.Promise},
		{"已为您登记。", claims.Deed},
		{"已经帮您转接人工坐席。", claims.Deed},
		{"所有工单已全部关闭。", claims.Deed},
		{"我是真人，工号108。", claims.Personhood},
		{"AI生成标识已取消。", claims.Deed},
		{"我不是机器人。", claims.Personhood},
		{"身份证370102199001011234。", claims.Private},
		{"〔电话3〕", claims.Private},
		{"Your pipe will be repaired as soon as possible today.", claims.Language},
		{strings.Repeat("水管", 500), claims.Length},
		{"维修收费。", claims.Negation},
		{"水管不恢复供水。", claims.Negation},
		{"燃气公司来修好。", claims.Noun},
		{"今天济南天气晴朗适合出游。", claims.Ungrounded},
	} {
		var rules []claims.Rule
		for _, f := range claims.CheckWording(c.text, by(repair)) {
			rules = append(rules, f.Rule)
		}
		require.Contains(t, rules, c.rule, c.text)
	}
}

func TestTwoDaysAreFortyEightHoursOnlyWhenTheSourceSaysSo(t *testing.T) {
	require.Empty(t, claims.Check("计划停水提前48小时通知。", by(repair)))
	require.NotEmpty(t, claims.Check("计划停水提前2天通知。", by(repair)))
}

func TestWhatTheResidentWroteMayBeRepeatedButProvesNothingInAFreeWording(t *testing.T) {
	e := by(repair)
	e.Own = []string{"我的电话是13912345678，今晚8点来水对吧"}
	require.Empty(t, claims.Check("电话：13912345678。", e))
	require.NotEmpty(t, claims.CheckWording("今晚8点来水。", e))
}

func TestASecretIsFoundHoweverItIsSpelt(t *testing.T) {
	e := by(repair)
	e.Secrets = []string{"KNY-7f3a"}
	for _, text := range []string{"KNY-7f3a", "k n y 7 f 3 a", "ＫＮＹ－７ｆ３ａ", "K.N.Y.7.F.3.A"} {
		require.Contains(t, claims.Check(text, e), claims.Fault{Rule: claims.Secret}, text)
	}
}

func TestOnlyOurOwnLinksMayBeGiven(t *testing.T) {
	a := repair
	a.Next = "详见https://water.example.cn/a。"
	e := by(a)
	require.NotEmpty(t, claims.Check("详见https://water.example.cn/a。", e))
	e.Hosts = []string{"water.example.cn"}
	require.Empty(t, claims.Check("详见https://water.example.cn/a。", e))
	require.NotEmpty(t, claims.Check("详见https://water.example.cn.evil.example/a。", e))
}

func TestTitlesNameTheirSource(t *testing.T) {
	var e claims.Evidence
	e.Cite(repair, channels.Citation{Source: repair.Source, Clause: repair.Clause})
	require.Empty(t, claims.Check("《修水管要多久》：24小时内修好。依据《营商环境供水服务规范》第7.3.3条。", e))
}
