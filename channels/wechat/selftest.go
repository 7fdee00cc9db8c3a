package wechat

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// Check is one line of a self-test or a probe, in Chinese.
type Check struct {
	Name   string
	State  string // ok, failed, unknown
	Detail string
}

// The states of a Check.
const (
	CheckOK      = "ok"
	CheckFailed  = "failed"
	CheckUnknown = "unknown"
)

// Alarm is something an administrator has to mend.
type Alarm struct {
	ID        int64
	Account   string
	Error     Error
	Times     int64
	FirstAt   time.Time
	LastAt    time.Time
	ClearedAt time.Time
}

// Figures are what may be sent and what was.
type Figures struct {
	Reachable  int // residents who can be written to
	Left       int // messages that may be sent to them, together
	Deliveries map[string]int
}

// SelfTest tries everything an account needs: that our signatures and our
// encryption hold, that WeChat gives us a token from this address, and that
// the callback answers where the world reaches it (publicURL; empty: not
// tried).
func (c *Client) SelfTest(ctx context.Context, a Account, publicURL string) []Check {
	return append([]Check{signatureCheck(a, c.now()), cryptoCheck(a, c.now())},
		append(c.tokenChecks(ctx, a), c.callbackCheck(ctx, a, publicURL))...)
}

func signatureCheck(a Account, now time.Time) Check {
	stamp, nonce := "1714036504", rand.Text()
	sum := util.Signature(a.Token, stamp, nonce)
	if !signed(sum, a.Token, stamp, nonce) || signed(sum, a.Token, stamp, nonce+"x") {
		return Check{"签名", CheckFailed, "令牌不能用于签名，请重新填写。"}
	}
	detail := "签名校验正常；请确认与微信开发者平台填写的令牌一致。"
	if a.GraceToken(now) != "" {
		detail += "旧令牌暂时仍可使用。"
	}
	return Check{"签名", CheckOK, detail}
}

func cryptoCheck(a Account, now time.Time) Check {
	if a.AESKey == "" {
		return Check{"加解密", CheckUnknown, "明文模式，没有填写消息加解密密钥。建议改用安全模式。"}
	}
	const text = "<xml><Content><![CDATA[自检]]></Content></xml>"
	sealed, err := a.encrypt([]byte(text), a.AESKey, now)
	if err == nil {
		var root *node
		if root, err = parse(sealed); err == nil {
			var opened []byte
			if opened, _, err = a.decrypt(root.field("Encrypt")); err == nil && string(opened) != text {
				err = errors.New("wechat: not the same")
			}
		}
	}
	if err != nil {
		return Check{"加解密", CheckFailed, "消息加解密密钥不能加解密，请重新填写43位密钥。"}
	}
	detail := "加密后能解回原文。"
	if a.PrevAESKey != "" {
		detail += "旧密钥仍可解密，微信切换完成后可以清除。"
	}
	return Check{"加解密", CheckOK, detail}
}

// tokenChecks asks for a token anew: what is in the cache proves nothing.
func (c *Client) tokenChecks(ctx context.Context, a Account) []Check {
	_, _, err := c.fetchToken(ctx, a, false)
	var e *Error
	switch {
	case err == nil:
		return []Check{{"接口凭证", CheckOK, "开发者编号与开发者密码正确，能取得接口凭证。"},
			{"IP 白名单", CheckOK, "本机出口 IP 已在白名单内。"}}
	case !errors.As(err, &e):
		return []Check{{"接口凭证", CheckFailed, "没有取得接口凭证。"}, {"IP 白名单", CheckUnknown, "没有得到结果。"}}
	case e.Class == NotListed:
		return []Check{{"接口凭证", CheckUnknown, "白名单通过后再试。"}, {"IP 白名单", CheckFailed, withRID(e)}}
	}
	return []Check{{"接口凭证", CheckFailed, withRID(e)}, {"IP 白名单", CheckUnknown, "没有得到结果。"}}
}

func withRID(e *Error) string {
	if e.RID == "" {
		return e.Explain()
	}
	return e.Explain() + "（微信请求编号：" + e.RID + "）"
}

const maxEcho = 4096

// callbackCheck asks our own public address as WeChat does when it is entered.
func (c *Client) callbackCheck(ctx context.Context, a Account, publicURL string) Check {
	const name = "回调地址"
	if publicURL == "" {
		return Check{name, CheckUnknown, "没有设置 HUB_PUBLIC_URL，无法从外部检查。"}
	}
	address := strings.TrimRight(publicURL, "/") + "/wechat/" + a.Name
	stamp, nonce, echo := strconv.FormatInt(c.now().Unix(), 10), rand.Text(), rand.Text()
	q := url.Values{"timestamp": {stamp}, "nonce": {nonce}, "echostr": {echo}, "signature": {util.Signature(a.Token, stamp, nonce)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+q.Encode(), nil)
	if err != nil {
		return Check{name, CheckFailed, "HUB_PUBLIC_URL 不是可用的地址。"}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Check{name, CheckFailed, "从本机访问 " + address + " 没有应答，请检查域名、端口（80 或 443）与证书。"}
	}
	defer res.Body.Close()
	got, err := io.ReadAll(io.LimitReader(res.Body, maxEcho))
	if err != nil || res.StatusCode != http.StatusOK || string(got) != echo {
		return Check{name, CheckFailed, address + " 没有原样返回 echostr（状态 " + strconv.Itoa(res.StatusCode) + "）。"}
	}
	return Check{name, CheckOK, address + " 应答正确。"}
}

// Probe finds out what an account may do, without a resident noticing.
func (c *Client) Probe(ctx context.Context, a Account) []Check {
	verified := Check{"认证", CheckUnknown, "按设置为未认证：只在居民来信时被动回复。"}
	if a.Verified {
		verified = Check{"认证", CheckOK, "按设置为已认证。"}
	}
	// Nobody has this openid: 40003 means that the account may write, 48001
	// that it may not.
	nobody := map[string]string{"touser": "oQuandeskProbe", "command": "Typing"}
	custom := granted("客服消息", c.post(ctx, a, typingCall, nobody, nil), BadOpenID, Typing, OutsideTime)
	template := granted("模板消息", c.get(ctx, a, "/cgi-bin/template/get_all_private_template", nil, nil))
	oauth := Check{"网页授权", template.State, "与模板消息同属认证服务号的权限，按其结果推断；网页授权域名请在微信开发者平台核对。"}
	menu := granted("自定义菜单", c.get(ctx, a, "/cgi-bin/get_current_selfmenu_info", nil, nil))
	return []Check{verified, custom, template, oauth, menu}
}

// granted reads an answer for whether the interface is granted; some errors
// show that it is.
func granted(name string, err error, shows ...Class) Check {
	var e *Error
	if err == nil {
		return Check{name, CheckOK, "有权限。"}
	}
	if !errors.As(err, &e) {
		return Check{name, CheckUnknown, "没有得到结果。"}
	}
	for _, class := range shows {
		if e.Class == class {
			return Check{name, CheckOK, "有权限。"}
		}
	}
	if e.Class == NotGranted || e.Class == WrongAccount {
		return Check{name, CheckFailed, withRID(e)}
	}
	return Check{name, CheckUnknown, withRID(e)}
}
