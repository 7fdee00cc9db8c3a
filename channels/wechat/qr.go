package wechat

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"time"
)

// Scene is a QR code that says where it was scanned.
type Scene struct {
	Scene     string // 1 to 64 letters, digits, _ and -
	Title     string // for colleagues: where it hangs
	URL       string // what the code holds
	Ticket    string // for the picture at WeChat
	Until     time.Time
	CreatedAt time.Time
}

// Picture is where WeChat draws the code.
func (s Scene) Picture() string {
	return "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=" + url.QueryEscape(s.Ticket)
}

var sceneForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ErrScene is returned for a scene that WeChat does not take.
var ErrScene = errors.New("wechat: bad scene")

// longestQR is how long a code that is not for ever may live.
const longestQR = 2592000 * time.Second

// MakeQR makes a code for a scene: for a while, or for ever (life 0; an
// account has 100,000 of those).
func (c *Client) MakeQR(ctx context.Context, a Account, scene, title string, life time.Duration) (Scene, error) {
	if !sceneForm.MatchString(scene) || life < 0 || life > longestQR {
		return Scene{}, ErrScene
	}
	in := map[string]any{
		"action_name": "QR_LIMIT_STR_SCENE",
		"action_info": map[string]any{"scene": map[string]string{"scene_str": scene}},
	}
	out := Scene{Scene: scene, Title: title}
	if life > 0 {
		in["action_name"], in["expire_seconds"] = "QR_STR_SCENE", int(life.Seconds())
		out.Until = c.now().Add(life)
	}
	var got struct {
		Ticket string `json:"ticket"`
		URL    string `json:"url"`
	}
	err := c.post(ctx, a, "/cgi-bin/qrcode/create", in, &got)
	out.Ticket, out.URL = got.Ticket, got.URL
	return out, err
}
