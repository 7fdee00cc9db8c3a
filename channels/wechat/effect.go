package wechat

import (
	"strings"

	"quandesk/channels"
)

// effect is what a push does: a message of the resident, an event with what
// is said to it, or nothing but the acknowledgement.
type effect struct {
	inbound   channels.Inbound
	happening *Happening
	ignored   bool
}

// effect says what a push does. What is unknown is acknowledged.
func (c *call) effect() effect {
	p := c.push
	if p.Type == "event" {
		return c.event()
	}
	in := channels.Inbound{
		Channel: Channel, Account: c.account.Name, From: p.From, ExternalID: p.Once(),
		Kind: channels.Text, Text: cutRunes(p.Text, channels.MaxText), SentAt: p.SentAt,
	}
	if in.Text != p.Text {
		in.Raw = []byte(p.Text) // all of it
	}
	switch p.Type {
	case "text", "link":
	case "image":
		in.Kind, in.Remote = channels.Image, p.remote()
	case "voice":
		in.Kind, in.Remote = channels.Voice, p.remote()
		if in.Remote != nil {
			in.Remote.Hear = c.Hears && in.Text == ""
		}
	case "video", "shortvideo":
		in.Kind, in.Remote = channels.Video, p.remote()
	case "location":
		in.Kind, in.Place = channels.Location, p.Place
		if p.Place == nil {
			in.Kind, in.Text = channels.Text, strings.TrimSpace("[位置] "+p.Label)
		}
	default:
		in.Text = "[" + p.Kind() + "]"
		return effect{happening: c.heard("收到一条暂不支持的消息（类型 "+p.Kind()+"）。", unsupported)}
	}
	if strings.TrimSpace(in.Text) == "" && in.Place == nil && in.Remote == nil {
		return effect{happening: c.heard("收到一条空消息。", "")}
	}
	return effect{inbound: in}
}

func (p Push) remote() *channels.Remote {
	if p.MediaID == "" && p.PicURL == "" {
		return nil
	}
	return &channels.Remote{ID: p.MediaID, URL: p.PicURL, Format: p.Format}
}

func cutRunes(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	return s
}

// event says what an event does.
func (c *call) event() effect {
	p := c.push
	switch p.Event {
	case "subscribe":
		note := "关注了公众号。"
		if p.Prefix == "qrscene_" && p.Key != "" {
			note = "扫码关注了公众号，场景：" + cutRunes(p.Key, 64)
		}
		return effect{happening: c.heard(note, greeting)}
	case "unsubscribe":
		h := c.heard("取消关注了公众号，此后消息无法送达。", "")
		h.Gone = true
		return effect{happening: h}
	case "scan":
		return effect{happening: c.heard("扫码进入公众号，场景："+cutRunes(p.Key, 64), scanned)}
	case "click":
		return c.click()
	case "scancode_push", "scancode_waitmsg":
		return effect{happening: c.heard("", scanned)}
	case "templatesendjobfinish":
		h := c.heard("", "")
		h.Finished, h.FinishedState = p.MsgID, p.Status
		return effect{happening: h}
	case "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event":
		h := c.heard("", "")
		h.Lists = p.Lists
		return effect{happening: h}
	}
	return effect{ignored: true} // positions every five seconds, pages that were opened, what is unknown
}

// heard is an event that is recorded.
func (c *call) heard(note, say string) *Happening {
	return &Happening{Account: c.account.Name, From: c.push.From, Once: c.push.Once(), Kind: c.kind,
		Trigger: c.push.Trigger(), Note: note, Say: say}
}

const (
	greeting = "您好，欢迎关注供水服务号。\n" +
		"直接写下您的问题就可以，例如“家里没水了”“水费怎么交”。也可以点下方菜单：\n" +
		"【我要办】业务办理、维修申报、供水开放日预约\n" +
		"【我要查】信息公开、政策、办理进度、停水\n" +
		"【我要说】投诉、建议、找工作人员\n" +
		"先由智能客服答复，标有【AI生成】的内容由人工智能生成；想找人，回复“人工”。"
	scanned     = "您好，请直接写下您的问题，或点下方菜单。想找工作人员，回复“人工”。"
	unsupported = "这类消息我这里还看不了。请用文字、语音、图片或位置告诉我。"
	menuHelp    = "请直接写下您要办的事或遇到的问题，我来登记或解答。想找工作人员，回复“人工”。"
)
