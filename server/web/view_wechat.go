package web

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"quandesk/channels"
	"quandesk/channels/wechat"
)

// wechatView is the accounts and what has to be mended.
type wechatView struct {
	frame
	New           newAccountView
	Problem, Done string
	Accounts      []wechatRow
	Alarms        []alarmRow
	Modes         []option
}

// newAccountView is what was typed for a new account; secrets are not shown
// again.
type newAccountView struct {
	Name, AppID, GhID string
	Verified          bool
}

type wechatRow struct {
	Name, Href, AppID, Mode string
	Disabled, Verified      bool
}

type alarmRow struct {
	ID                        int64
	Account, What, RID, Since string
	Times                     int64
	Cleared                   bool
}

var modeNames = map[wechat.Mode]string{wechat.Plain: "明文", wechat.Compatible: "兼容", wechat.Safe: "安全（推荐）"}

var modes = []wechat.Mode{wechat.Safe, wechat.Compatible, wechat.Plain}

// accountFields names what an administrator may have mistyped.
var accountFields = map[string]string{
	"name": "名称要用1到32个小写字母、数字、- 或 _，且不能与已有的重复", "appid": "开发者编号不正确或已被其他公众号使用", "token": "令牌要有3到32个字母或数字",
	"gh_id": "原始编号不正确，形如 gh_0123456789ab", "aes_key": "消息加解密密钥要有43个字母或数字（兼容和安全模式必填）",
	"prev_aes_key": "旧的消息加解密密钥不正确", "prev_token": "旧的令牌不正确", "mode": "请选择消息加解密方式",
}

func wechatProblem(err error) string {
	var account *wechat.AccountError
	var menu *wechat.MenuError
	var api *wechat.Error
	switch {
	case errors.As(err, &account):
		return orElse(accountFields[account.Field], "公众号的设置不正确") + "。"
	case errors.As(err, &menu):
		return menu.Where + menu.Why + "。"
	case errors.As(err, &api):
		return api.Explain() + prefixed("微信请求编号：", api.RID)
	case errors.Is(err, wechat.ErrScene):
		return "场景值要用1到64个字母、数字、- 或 _，有效期不超过30天。"
	}
	return ""
}

// wechatAccountView is one account with everything that can be set.
type wechatAccountView struct {
	frame
	Problem, Done                 string
	Name, Href, Callback          string
	AppID, GhID                   string
	Secret, Token, Key, PrevKey   string
	Verified, Retry, Disabled     bool
	Modes                         []option
	Checks                        []checkRow
	Alarms                        []alarmRow
	Groups                        []menuGroupView
	Pages                         []pageRow // that an entry may open
	Greeting                      string
	Templates                     wechat.Templates
	SubscribeLines, TemplateLines string
	Scenes                        []sceneRow
	Figures                       []figureRow
}

// pageRow is a page that residents may open inside WeChat.
type pageRow struct{ Name, URL string }

// pagesOf are those pages; base is where those of the account begin.
func pagesOf(base string) []pageRow {
	return []pageRow{{"我的工单和进度", base}, {"预约回电", base + "/call"}, {"绑定户号", base + "/account"}, {"停水通知", base + "/outages"}}
}

type checkRow struct{ Name, State, Tone, Detail string }

type menuGroupView struct {
	Number  int
	Field   string
	Name    string
	Entries []menuEntryView
}

type menuEntryView struct {
	Number                               int
	NameField, Name, ActionField, Action string
}

type sceneRow struct{ Scene, Title, URL, Picture, Until string }

type figureRow struct {
	Label string
	N     int
}

func (v *wechatAccountView) fill(a wechat.Account, w wechat.Words, now time.Time) {
	v.Name, v.Href, v.AppID, v.GhID = a.Name, wechatHome+"/"+a.Name, a.AppID, a.GhID
	v.Secret, v.Token, v.Key, v.PrevKey = tail(a.Secret), tail(a.Token), tail(a.AESKey), former(a, now)
	v.Verified, v.Retry, v.Disabled = a.Verified, a.RetryTrick, a.Disabled
	v.Modes = optionsOf(modes, modeNames, a.Mode)
	v.Greeting, v.Templates = w.Greeting, w.Templates
	v.SubscribeLines, v.TemplateLines = fieldLines(w.Templates.SubscribeFields), fieldLines(w.Templates.TemplateFields)
}

// former says which former secrets are still accepted; "" when none is.
func former(a wechat.Account, now time.Time) string {
	var names []string
	if a.GraceToken(now) != "" {
		name := "旧令牌"
		if !a.PrevTokenUntil.IsZero() {
			name += when(a.PrevTokenUntil, now) + "前有效"
		}
		names = append(names, name)
	}
	if a.PrevAESKey != "" {
		names = append(names, "旧消息加解密密钥有效")
	}
	return strings.Join(names, "，")
}

func fieldLines(fields map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		b.WriteString(name + "=" + fields[name] + "\n")
	}
	return b.String()
}

func menuGrid(m wechat.Menu) []menuGroupView {
	var out []menuGroupView
	for g := range wechat.MenuGroups {
		var group wechat.MenuGroup
		if g < len(m.Groups) {
			group = m.Groups[g]
		}
		v := menuGroupView{Number: g + 1, Field: cell("g", g, -1), Name: group.Name}
		for e := range wechat.MenuEntries {
			var entry wechat.MenuEntry
			if e < len(group.Entries) {
				entry = group.Entries[e]
			}
			v.Entries = append(v.Entries, menuEntryView{e + 1, cell("n", g, e), entry.Name, cell("a", g, e), entry.Words()})
		}
		out = append(out, v)
	}
	return out
}

func figureRows(f wechat.Figures) []figureRow {
	out := []figureRow{{"现在可以主动联系的居民", f.Reachable}, {"对他们合计还可发送的条数", f.Left}}
	for _, d := range []struct {
		delivery channels.Delivery
		label    string
	}{{channels.Sent, "24小时内已送达微信"}, {channels.Held, "24小时内等待居民来信"}, {channels.Failed, "24小时内未送达"}, {channels.Unknown, "24小时内送达未知"}} {
		out = append(out, figureRow{d.label, f.Deliveries[string(d.delivery)]})
	}
	return out
}
