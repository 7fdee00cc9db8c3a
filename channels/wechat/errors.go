package wechat

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// Class is what an answer of the API means for what happens next.
type Class string

// The classes of errors a caller tells apart.
const (
	Busy         Class = "busy"          // -1, 5xx, no connection: surely not done, may be tried again
	Doubtful     Class = "doubtful"      // a timeout or a broken answer: nobody knows
	BadToken     Class = "token"         // 40001, 40014, 42001: drop it, fetch another, once more
	NotListed    Class = "ip"            // 40164: our address is not on the allow-list
	BadSecret    Class = "secret"        // 40125, 40013: secret or appid wrong
	BadOpenID    Class = "openid"        // 40003: not an openid of this account
	NotFollowing Class = "unfollowed"    // 43004
	MediaExpired Class = "media"         // 40007: upload again
	TooLong      Class = "too_long"      // 45002: split
	TooMany      Class = "articles"      // 45008: more than one article, our mistake
	DayQuota     Class = "day_quota"     // 45009: wait until the day ends
	Rate         Class = "rate"          // 45011: wait a minute
	OutsideTime  Class = "outside"       // 45015: no trigger in force, or not a follower
	UsedUp       Class = "used_up"       // 45047: five, or three, are sent
	NotGranted   Class = "not_granted"   // 48001, 50002: the account may not do this
	NoConsent    Class = "no_consent"    // 43101: subscribe notice not accepted or used up
	WrongAccount Class = "account_type"  // 40200: this kind of account cannot
	ToolsUsedUp  Class = "tools_used_up" // 48006: clear_quota used up
	Typing       Class = "typing"        // 45072, 45080, 45081: only about the typing sign
	UsedCode     Class = "code"          // 40029, 40163: an OAuth code that is wrong or used
	WrongID      Class = "gh_id"         // a push for another original id than the account's
	Resting      Class = "resting"       // not asked: the API only failed lately
	OtherError   Class = "other"
)

var classes = map[int]Class{
	-1: Busy, 40001: BadToken, 40014: BadToken, 42001: BadToken, 40164: NotListed,
	40125: BadSecret, 40013: BadSecret, 40003: BadOpenID, 43004: NotFollowing, 40007: MediaExpired,
	45002: TooLong, 45008: TooMany, 45009: DayQuota, 45011: Rate, 45015: OutsideTime, 45047: UsedUp,
	48001: NotGranted, 50002: NotGranted, 43101: NoConsent, 40200: WrongAccount, 48006: ToolsUsedUp,
	45072: Typing, 45080: Typing, 45081: Typing, 40029: UsedCode, 40163: UsedCode,
}

// Error is a call that did not do what was asked. It carries no token, no
// secret and nothing of what was to be said.
type Error struct {
	Call   string // the path of the call
	Code   int    // errcode; 0 when there was no answer that could be read
	Status int    // of HTTP, when it was not 200
	RID    string // of errmsg: what WeChat's own support asks for
	IP     string // of errmsg, with NotListed
	Class  Class
}

func (e *Error) Error() string {
	s := "wechat: " + e.Call + ": " + string(e.Class)
	if e.Code != 0 {
		s += fmt.Sprintf(" (errcode %d)", e.Code)
	}
	if e.Status != 0 {
		s += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.RID != "" {
		s += " rid " + e.RID
	}
	return s
}

// ClassOf is the class of an error of a call; empty for every other error.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ""
}

var (
	ridForm = regexp.MustCompile(`rid:\s*([0-9A-Za-z-]{6,64})`)
	ipForm  = regexp.MustCompile(`\b(?:ip\s+)?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]*:[0-9a-fA-F:]+:[0-9a-fA-F:.]*)`)
)

// newError reads what an errcode and its errmsg say. Of errmsg only what is
// known to be harmless is kept: it repeats what was sent.
func newError(call string, code int, msg string) *Error {
	e := &Error{Call: call, Code: code, Class: OtherError}
	if c, known := classes[code]; known {
		e.Class = c
	}
	if m := ridForm.FindStringSubmatch(msg); m != nil {
		e.RID = m[1]
	}
	if e.Class == NotListed {
		if m := ipForm.FindStringSubmatch(ridForm.ReplaceAllString(msg, "")); m != nil {
			e.IP = m[1]
		}
	}
	return e
}

// Explain says in Chinese what the error means and what to do, for people who
// look after the account.
func (e *Error) Explain() string {
	switch e.Class {
	case NotListed:
		ip := e.IP
		if ip == "" {
			ip = "（微信没有说明）"
		}
		return "本机出口 IP " + ip + " 不在公众号的 IP 白名单内。请在微信开发者平台“开发信息”里加入此 IP，约5分钟后生效。"
	case WrongID:
		return "微信推送来的消息写的是另一个原始编号，都被拒收了，居民会看到“该公众号提供的服务出现故障”。请马上核对本页的原始编号。"
	case BadSecret:
		return "开发者编号或开发者密码不正确（或密码已被重置）。请核对后在本页更换密钥。"
	case BadToken:
		return "接口凭证失效且重新获取后仍被拒绝。请核对开发者密码，并检查是否有其他系统在强制刷新凭证。"
	case NotGranted:
		return "公众号没有此接口的权限（未认证或被限制）。请在微信开发者平台查看接口权限与账号状态。"
	case DayQuota:
		return "今日接口调用次数已达上限，零点后恢复。如需提前恢复，可在微信开发者平台清零（每月10次）。"
	case Rate:
		return "一分钟内调用过多，系统稍后自动再发。"
	case ToolsUsedUp:
		return "本月清零次数已用完。"
	case WrongAccount:
		return "此类公众号不支持该接口。"
	case Busy, Resting:
		return "微信接口暂时不可用，系统稍后自动再试。"
	case Doubtful:
		return "微信没有给出结果，是否送达不明。"
	case OutsideTime:
		return "居民超过48小时未互动或已取消关注，不能主动发送。"
	case UsedUp:
		return "本轮可主动发送的条数已用完，要等居民再次来信。"
	case NotFollowing:
		return "居民已取消关注公众号。"
	case BadOpenID:
		return "微信不认识这位居民的标识，可能已注销或属于别的公众号。"
	case MediaExpired:
		return "图片或语音在微信上已过期，重新上传后仍被拒绝。"
	case TooLong:
		return "内容太长，微信拒绝接收。"
	case NoConsent:
		return "居民没有订阅这个通知，或订阅次数已用完。"
	}
	if e.Code != 0 {
		return "微信拒绝了请求（错误码 " + strconv.Itoa(e.Code) + "）。"
	}
	return "微信接口没有正常应答。"
}
