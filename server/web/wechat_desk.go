package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/channels/wechat"
)

// Letters is what staff see of what may be sent to residents of WeChat, and
// what became of it.
type Letters interface {
	// Allowance is what may be sent to a resident now.
	Allowance(ctx context.Context, account, openid string) (wechat.Allowance, error)
	// NoticesOf returns the notices about messages that wait, by message.
	NoticesOf(ctx context.Context, conversationID int64) (map[int64]wechat.NoticeResult, error)
	// Resend sends a message again that surely was not sent.
	Resend(ctx context.Context, by channels.Staff, sc channels.Scope, conversationID, messageID int64) error
}

// quotaView is how much may still be sent, before somebody writes.
type quotaView struct {
	Conversation int64
	Words        string
	Tone         string
}

// quota is nil where nothing limits what may be sent.
func (s *Site) quota(ctx context.Context, k channels.Conversation) (*quotaView, error) {
	if k.Channel != wechat.Channel || s.Letters == nil {
		return nil, nil
	}
	w, err := s.Letters.Allowance(ctx, k.Account, k.Contact)
	if err != nil {
		return nil, err
	}
	words, tone := quotaWords(w, s.Desk.Now())
	return &quotaView{Conversation: k.ID, Words: words, Tone: tone}, nil
}

func quotaWords(w wechat.Allowance, now time.Time) (words, tone string) {
	n, until := w.Left(now)
	switch {
	case n > 0:
		if n < 2 {
			tone = "amber"
		}
		return fmt.Sprintf("微信还可主动发送%d条，%s前有效", n, when(until, now)), tone
	case w.Closed || !now.Before(w.LongUntil):
		return "居民超过48小时没有来信或已取消关注：消息会等居民来信后自动发出，急事请打电话", "red"
	}
	return "微信本轮条数已用完：消息会等居民再次来信后自动发出", "red"
}

func (s *Site) partQuota(c *fiber.Ctx) error {
	k, err := s.conversation(c)
	if err != nil {
		return err
	}
	v, err := s.quota(c.UserContext(), k)
	if err != nil || v == nil {
		return err
	}
	return s.render(c, "quota", v)
}

// resend sends a message again, on record.
func (s *Site) resend(ctx context.Context, sc channels.Scope, conversationID, messageID int64) error {
	if err := s.Letters.Resend(ctx, callOf(ctx).staff(), sc, conversationID, messageID); err != nil {
		return err
	}
	return s.record(ctx, "message.resend", strconv.FormatInt(messageID, 10), "ok")
}

// formResend sends a message again that failed.
func (s *Site) formResend(c *fiber.Ctx) error {
	k, err := s.conversation(c)
	if err != nil {
		return err
	}
	if s.Letters == nil {
		return errHidden
	}
	ctx := c.UserContext()
	if err := s.resend(ctx, s.inboxScope(c), k.ID, number(c, "message")); err != nil {
		return err
	}
	if !fragment(c) {
		return c.Redirect(conversationHref(k.ID, ""), fiber.StatusSeeOther)
	}
	thread, err := s.deskThread(c, k)
	if err != nil {
		return err
	}
	list, err := s.Conversations.Messages(ctx, k.ID, number(c, "message")-1, 1, true)
	if err != nil {
		return err
	}
	return s.render(c, "messages", thread.views(list))
}

// notDelivered says why a message is not there, to follow 未送达 or 等待.
var notDelivered = map[string]string{
	string(wechat.BadOpenID):    "微信不认识这位居民的标识",
	string(wechat.NotFollowing): "居民已取消关注",
	string(wechat.OutsideTime):  "居民超过48小时没有来信",
	string(wechat.UsedUp):       "本轮可主动发送的条数已用完",
	string(wechat.NotGranted):   "公众号没有发送权限，已提醒管理员",
	string(wechat.NotListed):    "公众号接口拒绝了本机，已提醒管理员",
	string(wechat.BadSecret):    "公众号密钥不正确，已提醒管理员",
	string(wechat.BadToken):     "公众号接口凭证无效，已提醒管理员",
	string(wechat.DayQuota):     "公众号今日调用次数已满，零点后自动再发",
	string(wechat.Rate):         "发送过于频繁，稍后自动再发",
	string(wechat.Busy):         "微信暂时没有受理，稍后自动再发",
	string(wechat.Resting):      "微信暂时没有受理，稍后自动再发",
	string(wechat.MediaExpired): "图片在微信上已过期",
	string(wechat.TooLong):      "内容太长或文件太大",
	string(wechat.WrongAccount): "此类公众号不支持",
	wechat.WhyNotVerified:       "公众号未认证，只能在居民来信时答复",
	wechat.WhyAccount:           "公众号已停用",
	wechat.WhyOrder:             "前一条还没有发出",
	wechat.WhyKind:              "这类内容不能发到微信",
	"no_adapter":                "此渠道没有接通",
}

// ways is how a resident was told that something waits.
var ways = map[wechat.Way]string{wechat.BySubscribe: "订阅通知", wechat.ByTemplate: "模板消息", wechat.BySMS: "短信"}

// letterWords is what staff see of a message on its way to WeChat.
func letterWords(m channels.Message, notice wechat.NoticeResult) (words, tone string, unsettled bool) {
	why := notDelivered[m.Why]
	switch m.Delivery {
	case channels.Sent:
		if m.Why == wechat.WhyRestUnread {
			return fmt.Sprintf("已送达微信前%d段，居民没有要看余下部分", m.Parts), "", false
		}
		return "已送达微信", "", false
	case channels.Held:
		return "等待居民来信后发出" + behind(why) + behind(noticeWords(notice)), "held", true
	case channels.Pending:
		if m.Tries > 0 && why != "" {
			return "未送达：" + why, "held", true
		}
		return "发送中", "", true
	case channels.Failed:
		words := "未送达"
		if why != "" {
			words += "：" + why
		} else if m.Why != "" {
			words += "：微信拒绝了这条消息"
		}
		if m.Parts > 0 {
			words += fmt.Sprintf("（前%d段已送达）", m.Parts)
		}
		return words, "failed", false
	}
	return deliveryWords(m.Delivery)
}

func behind(words string) string {
	if words == "" {
		return ""
	}
	return "，" + words
}

func noticeWords(r wechat.NoticeResult) string {
	switch r.State {
	case wechat.NoticeSent, wechat.NoticeDelivered:
		return "已用" + ways[r.Way] + "提醒居民"
	case wechat.NoticeUnknown:
		return ways[r.Way] + "提醒是否送达不明"
	case wechat.NoticeFailed:
		if r.Way != "" {
			return ways[r.Way] + "提醒未送达"
		}
	}
	return ""
}

// quotaBody is what may still be sent to a resident of WeChat.
type quotaBody struct {
	Left    int        `json:"left" doc:"还可主动发送的条数"`
	Until   *time.Time `json:"until,omitempty" doc:"有效期"`
	Trigger string     `json:"trigger,omitempty" doc:"由居民的哪个动作获得：message、click、follow、scan"`
	Words   string     `json:"words"`
}

func (s *Site) quotaBody(ctx context.Context, k channels.Conversation) (*quotaBody, error) {
	if k.Channel != wechat.Channel || s.Letters == nil {
		return nil, nil
	}
	w, err := s.Letters.Allowance(ctx, k.Account, k.Contact)
	if err != nil {
		return nil, err
	}
	now := s.Desk.Now()
	n, until := w.Left(now)
	words, _ := quotaWords(w, now)
	return &quotaBody{Left: n, Until: moment(until), Trigger: string(w.Trigger), Words: words}, nil
}

type resendInput struct {
	ID      int64 `path:"id"`
	Message int64 `path:"message" doc:"消息编号"`
}

// resendMessage sends a message again that surely was not sent.
func (s *Site) resendMessage(ctx context.Context, in *resendInput) (*conversationOutput, error) {
	call := callOf(ctx)
	if s.Letters == nil {
		return nil, huma.Error404NotFound("")
	}
	if err := s.resend(ctx, inboxScope(call.user), in.ID, in.Message); err != nil {
		return nil, err
	}
	return s.getConversation(ctx, &conversationInput{ID: in.ID})
}
