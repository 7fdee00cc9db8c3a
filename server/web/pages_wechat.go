package web

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels/wechat"
	"quandesk/server/auth"
	"quandesk/tickets"
)

const wechatHome = "/desk/wechat"

func (s *Site) wechatPages(app fiber.Router) {
	settings := s.requireUser(auth.ManagePeople)
	app.Get(wechatHome, settings, s.pageWechat)
	app.Post(wechatHome, settings, s.formWechatAdd)
	app.Post(wechatHome+"/alarms/:id<int>/clear", settings, s.formWechatAlarm)
	app.Get(wechatHome+"/:name", settings, s.pageWechatAccount)
	app.Post(wechatHome+"/:name/account", settings, s.formWechatAccount)
	app.Post(wechatHome+"/:name/switch", settings, s.formWechatSwitch)
	app.Post(wechatHome+"/:name/test", settings, s.formWechatTest)
	app.Post(wechatHome+"/:name/menu", settings, s.formWechatMenu)
	app.Post(wechatHome+"/:name/greeting", settings, s.formWechatGreeting)
	app.Post(wechatHome+"/:name/templates", settings, s.formWechatTemplates)
	app.Post(wechatHome+"/:name/scenes", settings, s.formWechatScene)
}

func (s *Site) pageWechat(c *fiber.Ctx) error {
	return s.showWechat(c, wechatView{New: newAccountView{Verified: true}, Modes: optionsOf(modes, modeNames, wechat.Safe)})
}

// shownAlarms on the page.
const shownAlarms = 20

func (s *Site) showWechat(c *fiber.Ctx, v wechatView) error {
	if s.Office.Accounts == nil {
		return errHidden
	}
	for _, a := range s.Office.Accounts.All() {
		v.Accounts = append(v.Accounts, wechatRow{Name: a.Name, Href: wechatHome + "/" + a.Name, AppID: a.AppID,
			Mode: named(modeNames, a.Mode), Disabled: a.Disabled, Verified: a.Verified})
	}
	var err error
	if v.Alarms, err = s.alarmRows(c, ""); err != nil {
		return err
	}
	if v.frame, err = s.frame(c, "微信公众号", wechatHome); err != nil {
		return err
	}
	return s.render(c, "page-wechat", v)
}

// wechatCalls says in Chinese what was called.
var wechatCalls = map[string]string{
	"push": "接收消息", "/cgi-bin/stable_token": "接口凭证", "/cgi-bin/message/custom/send": "客服消息", "/cgi-bin/message/custom/typing": "客服消息",
	"/cgi-bin/message/subscribe/bizsend": "订阅通知", "/cgi-bin/message/template/send": "模板消息",
	"/cgi-bin/template/get_all_private_template": "模板消息", "/cgi-bin/media/upload": "发送图片", "/cgi-bin/media/get": "接收图片和语音",
	"/cgi-bin/menu/create": "自定义菜单", "/cgi-bin/get_current_selfmenu_info": "自定义菜单", "/cgi-bin/qrcode/create": "二维码",
	"/cgi-bin/ticket/getticket": "网页接口", "/sns/oauth2/access_token": "网页授权",
}

// alarmRows are the alarms of an account, or of all.
func (s *Site) alarmRows(c *fiber.Ctx, account string) ([]alarmRow, error) {
	list, err := s.Office.Records.WechatAlarms(c.UserContext(), shownAlarms)
	if err != nil {
		return nil, err
	}
	now := s.Desk.Now()
	var out []alarmRow
	for _, a := range list {
		if account != "" && a.Account != account {
			continue
		}
		out = append(out, alarmRow{ID: a.ID, Account: a.Account, What: orElse(wechatCalls[a.Error.Call], "微信接口") + "：" + a.Error.Explain(), RID: a.Error.RID,
			Since: when(a.FirstAt, now), Times: a.Times, Cleared: !a.ClearedAt.IsZero()})
	}
	return out, nil
}

func (s *Site) formWechatAdd(c *fiber.Ctx) error {
	if s.Office.Accounts == nil {
		return errHidden
	}
	a := change(wechat.Account{Name: strings.TrimSpace(c.FormValue("name"))}, s.Desk.Now(), s.sent(c))
	var err error
	if _, taken := s.Office.account(a.Name); taken {
		err = &wechat.AccountError{Name: a.Name, Field: "name", Why: "is used twice"}
	} else {
		err = s.Office.put(c.UserContext(), a)
	}
	if err == nil {
		err = s.record(c.UserContext(), "wechat.account", a.Name, "ok: 新增")
	}
	if err != nil {
		return s.wechatRefused(c, err, func(problem string) error {
			return s.showWechat(c, wechatView{Problem: problem, Modes: optionsOf(modes, modeNames, a.Mode),
				New: newAccountView{Name: a.Name, AppID: a.AppID, GhID: a.GhID, Verified: a.Verified}})
		})
	}
	return c.Redirect(wechatHome+"/"+a.Name, fiber.StatusSeeOther)
}

func (s *Site) formWechatAlarm(c *fiber.Ctx) error {
	if s.Office.Records == nil {
		return errHidden
	}
	id := number(c, "id")
	if err := s.Office.Records.ClearWechatAlarm(c.UserContext(), id); err != nil {
		return err
	}
	if err := s.record(c.UserContext(), "wechat.alarm", strconv.FormatInt(id, 10), "ok"); err != nil {
		return err
	}
	return c.Redirect(wechatHome, fiber.StatusSeeOther)
}

// wechatRefused shows the page with what is wrong, in words.
func (s *Site) wechatRefused(c *fiber.Ctx, why error, show func(problem string) error) error {
	problem := wechatProblem(why)
	if problem == "" {
		return why
	}
	c.Status(fiber.StatusUnprocessableEntity)
	return show(problem)
}

func (s *Site) pageWechatAccount(c *fiber.Ctx) error {
	return s.showWechatAccount(c, wechatAccountView{}, nil)
}

func (s *Site) showWechatAccount(c *fiber.Ctx, v wechatAccountView, menu *wechat.Menu) error {
	a, ok := s.Office.account(c.Params("name"))
	if !ok {
		return errHidden
	}
	ctx := c.UserContext()
	words, err := s.Office.Words.WechatWords(ctx, a.Name)
	if err != nil {
		return err
	}
	v.fill(a, words, s.Desk.Now())
	v.Callback = s.found(c) + "/wechat/" + a.Name
	v.Pages = pagesOf(v.Callback + "/my")
	if menu == nil {
		usual := menuOf(words)
		menu = &usual
	}
	v.Groups = menuGrid(*menu)
	if v.Alarms, err = s.alarmRows(c, a.Name); err != nil {
		return err
	}
	scenes, err := s.Office.Records.WechatScenes(ctx, a.Name)
	if err != nil {
		return err
	}
	now := s.Desk.Now()
	for _, x := range scenes {
		v.Scenes = append(v.Scenes, sceneRow{x.Scene, x.Title, x.URL, x.Picture(), orElse(when(x.Until, now), "永久")})
	}
	f, err := s.Office.Records.WechatFigures(ctx, a.Name, now.Add(-figuresSince))
	if err != nil {
		return err
	}
	v.Figures = figureRows(f)
	if v.frame, err = s.frame(c, a.Name, wechatHome); err != nil {
		return err
	}
	return s.render(c, "page-wechat-account", v)
}

// figuresSince is how far back deliveries are counted.
const figuresSince = 24 * time.Hour

// wechatDone records what an administrator did and shows the page, or shows
// what was refused with what was typed.
func (s *Site) wechatDone(c *fiber.Ctx, action, done string, err error, menu *wechat.Menu) error {
	if err == nil {
		err = s.record(c.UserContext(), action, c.Params("name"), "ok: "+done)
	} else if wechatProblem(err) != "" {
		err = errors.Join(err, s.record(c.UserContext(), action, c.Params("name"), "refused: "+done))
	}
	if err != nil {
		return s.wechatRefused(c, err, func(problem string) error {
			return s.showWechatAccount(c, wechatAccountView{Problem: problem}, menu)
		})
	}
	return s.showWechatAccount(c, wechatAccountView{Done: done + "。"}, menu)
}

func (s *Site) formWechatAccount(c *fiber.Ctx) error {
	a, ok := s.Office.account(c.Params("name"))
	if !ok {
		return errHidden
	}
	changed := change(a, s.Desk.Now(), s.sent(c))
	return s.wechatDone(c, "wechat.account", "已保存"+rotated(a, changed), s.Office.put(c.UserContext(), changed), nil)
}

// rotated names which secrets were changed, never what they are.
func rotated(a, b wechat.Account) string {
	var names []string
	for _, x := range []struct {
		name string
		same bool
	}{{"开发者密码", a.Secret == b.Secret}, {"令牌", a.Token == b.Token}, {"消息加解密密钥", a.AESKey == b.AESKey}} {
		if !x.same {
			names = append(names, x.name)
		}
	}
	if len(names) == 0 {
		return "设置"
	}
	return "，更换了" + strings.Join(names, "、")
}

func (s *Site) formWechatSwitch(c *fiber.Ctx) error {
	a, ok := s.Office.account(c.Params("name"))
	if !ok {
		return errHidden
	}
	a.Disabled = !a.Disabled
	done := "已启用"
	if a.Disabled {
		done = "已停用：不再接收和发送，已有的会话保留"
	}
	return s.wechatDone(c, "wechat.account", done, s.Office.put(c.UserContext(), a), nil)
}

func (s *Site) formWechatTest(c *fiber.Ctx) error {
	a, ok := s.Office.account(c.Params("name"))
	if !ok {
		return errHidden
	}
	ctx := c.UserContext()
	checks := append(s.Office.Client.SelfTest(ctx, a, s.Options.PublicURL), s.Office.Client.Probe(ctx, a)...)
	v := wechatAccountView{Done: "自检完成，结果在下面。"}
	bad := 0
	for _, x := range checks {
		row := checkRow{Name: x.Name, State: "未知", Detail: x.Detail}
		switch x.State {
		case wechat.CheckOK:
			row.State, row.Tone = "正常", "green"
		case wechat.CheckFailed:
			row.State, row.Tone = "不正常", "red"
			bad++
		}
		v.Checks = append(v.Checks, row)
	}
	if err := s.record(ctx, "wechat.test", a.Name, fmt.Sprintf("ok: %d项不正常", bad)); err != nil {
		return err
	}
	return s.showWechatAccount(c, v, nil)
}

func (s *Site) formWechatMenu(c *fiber.Ctx) error {
	a, ok := s.Office.account(c.Params("name"))
	if !ok {
		return errHidden
	}
	ctx, m, done := c.UserContext(), typedMenu(s.sent(c)), "菜单已保存，尚未发布"
	if c.FormValue("usual") != "" {
		m = wechat.DefaultMenu()
	}
	err := m.Validate()
	if err == nil {
		err = s.rewrite(c, a.Name, func(w *wechat.Words) { w.Menu = &m })
	}
	if err == nil && c.FormValue("publish") != "" {
		done = "菜单已发布，居民在5分钟内看到"
		err = s.Office.Client.Publish(ctx, a, m)
	}
	return s.wechatDone(c, "wechat.menu", done, err, &m)
}

// rewrite changes the words of an account.
func (s *Site) rewrite(c *fiber.Ctx, account string, f func(*wechat.Words)) error {
	w, err := s.Office.Words.WechatWords(c.UserContext(), account)
	if err != nil {
		return err
	}
	f(&w)
	return s.Office.Words.SetWechatWords(c.UserContext(), account, w)
}

// greetingBytes is what a passive reply can carry.
const greetingBytes = 2000

func (s *Site) formWechatGreeting(c *fiber.Ctx) error {
	a, ok := s.Office.account(c.Params("name"))
	if !ok {
		return errHidden
	}
	text := strings.TrimSpace(clean(c.FormValue("greeting")))
	if len(text) > greetingBytes {
		return &tickets.InputError{Field: "greeting", Problem: tickets.TooLong}
	}
	return s.wechatDone(c, "wechat.greeting", "欢迎语已保存", s.rewrite(c, a.Name, func(w *wechat.Words) { w.Greeting = text }), nil)
}

func (s *Site) formWechatTemplates(c *fiber.Ctx) error {
	a, ok := s.Office.account(c.Params("name"))
	if !ok {
		return errHidden
	}
	t := wechat.Templates{
		SubscribeID: strings.TrimSpace(c.FormValue("subscribe_id")), SubscribeFields: typedFields(clean(c.FormValue("subscribe_fields"))),
		TemplateID: strings.TrimSpace(c.FormValue("template_id")), TemplateFields: typedFields(clean(c.FormValue("template_fields"))),
		URL: strings.TrimSpace(c.FormValue("url")),
	}
	if t.URL != "" && !strings.HasPrefix(t.URL, "https://") {
		return &tickets.InputError{Field: "url", Problem: tickets.Invalid}
	}
	return s.wechatDone(c, "wechat.templates", "通知模板已保存", s.rewrite(c, a.Name, func(w *wechat.Words) { w.Templates = t }), nil)
}

func (s *Site) formWechatScene(c *fiber.Ctx) error {
	a, ok := s.Office.account(c.Params("name"))
	if !ok {
		return errHidden
	}
	days, _ := strconv.Atoi(c.FormValue("days")) // 0, or what is no number: for ever
	ctx := c.UserContext()
	x, err := s.Office.Client.MakeQR(ctx, a, strings.TrimSpace(c.FormValue("scene")), strings.TrimSpace(clean(c.FormValue("title"))),
		time.Duration(days)*24*time.Hour)
	if err == nil {
		err = s.Office.Records.PutWechatScene(ctx, a.Name, x)
	}
	return s.wechatDone(c, "wechat.scene", "二维码已生成", err, nil)
}
