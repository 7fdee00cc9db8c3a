package web

import (
	"context"
	"strings"
	"time"

	"quandesk/channels/wechat"
)

// Office is what an administrator looks after the WeChat accounts with. The
// zero Office: there are none.
type Office struct {
	Accounts *wechat.Accounts
	Client   *wechat.Client
	Words    OfficeWords
	Records  OfficeRecords
}

// OfficeWords keeps what an administrator enters.
type OfficeWords interface {
	// PutWechatAccount stores an account as it shall be, for every process.
	PutWechatAccount(ctx context.Context, a wechat.Account) error
	WechatWords(ctx context.Context, account string) (wechat.Words, error)
	SetWechatWords(ctx context.Context, account string, w wechat.Words) error
}

// OfficeRecords are what happened to the accounts.
type OfficeRecords interface {
	WechatAlarms(ctx context.Context, n int) ([]wechat.Alarm, error)
	ClearWechatAlarm(ctx context.Context, id int64) error
	WechatScenes(ctx context.Context, account string) ([]wechat.Scene, error)
	PutWechatScene(ctx context.Context, account string, x wechat.Scene) error
	WechatFigures(ctx context.Context, account string, since time.Time) (wechat.Figures, error)
}

// put stores an account and puts it in force here; the other processes hear
// of it.
func (o Office) put(ctx context.Context, a wechat.Account) error {
	list := wechat.Merge(o.Accounts.All(), []wechat.Account{a})
	if err := wechat.NewAccounts().Replace(list); err != nil { // before it is stored
		return err
	}
	if err := o.Words.PutWechatAccount(ctx, a); err != nil {
		return err
	}
	return o.Accounts.Replace(list)
}

// account finds an account, a disabled one too.
func (o Office) account(name string) (wechat.Account, bool) {
	if o.Accounts == nil {
		return wechat.Account{}, false
	}
	for _, a := range o.Accounts.All() {
		if a.Name == name {
			return a, true
		}
	}
	return wechat.Account{}, false
}

// change is an account with what was typed; what was left empty stays. A new
// key or token keeps the one before it, which WeChat goes on using for a while.
func change(a wechat.Account, now time.Time, typed func(string) string) wechat.Account {
	set := func(to *string, field string) {
		if v := strings.TrimSpace(typed(field)); v != "" {
			*to = v
		}
	}
	before := a.AESKey
	set(&a.AppID, "appid")
	set(&a.Secret, "secret")
	if v := strings.TrimSpace(typed("token")); v != "" {
		a.SetToken(v, now)
	}
	set(&a.AESKey, "aes_key")
	set(&a.GhID, "gh_id")
	if before != "" && a.AESKey != before {
		a.PrevAESKey = before
	}
	if typed("forget") != "" {
		a.Forget()
	}
	if mode := typed("mode"); mode != "" {
		a.Mode = wechat.Mode(mode)
	}
	a.Verified, a.RetryTrick = typed("verified") != "", typed("retry_trick") != ""
	return a
}

// tail is what is shown of a secret: that it is there, and its end.
func tail(secret string) string {
	switch {
	case secret == "":
		return "未填写"
	case len(secret) < 12:
		return "已填写"
	}
	return "已填写，末4位 " + secret[len(secret)-4:]
}

// menuOf is the menu of an account as it was edited, or the usual one.
func menuOf(w wechat.Words) wechat.Menu {
	if w.Menu != nil {
		return *w.Menu
	}
	return wechat.DefaultMenu()
}

// typedMenu reads the grid of the menu editor: rows without a name and an
// action are not there.
func typedMenu(typed func(string) string) wechat.Menu {
	var m wechat.Menu
	for g := range wechat.MenuGroups {
		group := wechat.MenuGroup{Name: strings.TrimSpace(typed(cell("g", g, -1)))}
		for e := range wechat.MenuEntries {
			name, action := typed(cell("n", g, e)), typed(cell("a", g, e))
			if strings.TrimSpace(name+action) != "" {
				group.Entries = append(group.Entries, wechat.Entry(name, action))
			}
		}
		if group.Name != "" || len(group.Entries) > 0 {
			m.Groups = append(m.Groups, group)
		}
	}
	return m
}

// cell names a field of the menu editor.
func cell(what string, group, entry int) string {
	name := what + string(rune('0'+group))
	if entry >= 0 {
		name += string(rune('0' + entry))
	}
	return name
}

// typedFields reads the fields of a template, one a line: 名称=内容.
func typedFields(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && name != "" {
			out[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return out
}
