package wechat

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Words are what an administrator wrote for an account; nothing is the usual.
type Words struct {
	Greeting  string    `json:"greeting,omitempty"`
	Menu      *Menu     `json:"menu,omitempty"`
	Templates Templates `json:"templates"`
}

// Menu is the menu under the chat of an account.
type Menu struct {
	Groups []MenuGroup `json:"groups"`
}

// MenuGroup is one button with what opens above it.
type MenuGroup struct {
	Name    string      `json:"name"`
	Entries []MenuEntry `json:"entries"`
}

// MenuEntry answers in the chat (Key) or opens a page (URL).
type MenuEntry struct {
	Name string `json:"name"`
	Key  string `json:"key,omitempty"`
	URL  string `json:"url,omitempty"`
}

// What WeChat takes of a menu.
const (
	MenuGroups  = 3
	MenuEntries = 5

	groupBytes = 16
	entryBytes = 40
	keyBytes   = 128
	urlBytes   = 1024
)

// DefaultMenu covers the seven things of clause 10.4 that residents do by
// themselves, in three groups.
func DefaultMenu() Menu {
	var m Menu
	for _, i := range Items {
		if len(m.Groups) == 0 || m.Groups[len(m.Groups)-1].Name != i.Group {
			m.Groups = append(m.Groups, MenuGroup{Name: i.Group})
		}
		g := &m.Groups[len(m.Groups)-1]
		g.Entries = append(g.Entries, MenuEntry{Name: i.Name, Key: i.Key})
	}
	return m
}

// ErrMenu is what every mistake in a menu wraps.
var ErrMenu = errors.New("wechat: bad menu")

// MenuError says in Chinese what WeChat would not take.
type MenuError struct{ Where, Why string }

func (e *MenuError) Error() string { return "wechat: menu: " + e.Where + e.Why }

// Unwrap makes it an ErrMenu.
func (e *MenuError) Unwrap() error { return ErrMenu }

// Validate finds the first thing that WeChat would not take.
func (m Menu) Validate() error {
	if len(m.Groups) == 0 || len(m.Groups) > MenuGroups {
		return &MenuError{"菜单", "要有1到3个一级按钮"}
	}
	for _, g := range m.Groups {
		switch {
		case g.Name == "" || len(g.Name) > groupBytes:
			return &MenuError{"一级按钮“" + cutRunes(g.Name, 20) + "”", "的名称要有1到5个汉字"}
		case len(g.Entries) == 0 || len(g.Entries) > MenuEntries:
			return &MenuError{"一级按钮“" + g.Name + "”", "下要有1到5项"}
		}
		for _, e := range g.Entries {
			if why := e.problem(); why != "" {
				return &MenuError{"“" + g.Name + "”下的“" + cutRunes(e.Name, 20) + "”", why}
			}
		}
	}
	return nil
}

func (e MenuEntry) problem() string {
	if e.Name == "" || len(e.Name) > entryBytes {
		return "的名称要有1到13个汉字"
	}
	if (e.Key == "") == (e.URL == "") {
		return "要么填回答内容，要么填网页地址"
	}
	if e.Key != "" {
		if len(e.Key) > keyBytes {
			return "的内容太长"
		}
		return ""
	}
	u, err := url.Parse(e.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(e.URL) > urlBytes {
		return "的网页地址要以 https:// 开头"
	}
	return ""
}

// Entry reads what an editor typed for an entry: an address, or anything else
// as what a tap says.
func Entry(name, action string) MenuEntry {
	name, action = strings.TrimSpace(name), strings.TrimSpace(action)
	if strings.HasPrefix(action, "http://") || strings.HasPrefix(action, "https://") {
		return MenuEntry{Name: name, URL: action}
	}
	return MenuEntry{Name: name, Key: action}
}

// Publish makes the menu the one that residents see: at once for those who
// open the account anew, within five minutes for the others.
func (c *Client) Publish(ctx context.Context, a Account, m Menu) error {
	if err := m.Validate(); err != nil {
		return err
	}
	buttons := make([]map[string]any, len(m.Groups))
	for i, g := range m.Groups {
		subs := make([]map[string]string, len(g.Entries))
		for j, e := range g.Entries {
			subs[j] = map[string]string{"type": "click", "name": e.Name, "key": e.Key}
			if e.URL != "" {
				subs[j] = map[string]string{"type": "view", "name": e.Name, "url": e.URL}
			}
		}
		buttons[i] = map[string]any{"name": g.Name, "sub_button": subs}
	}
	return c.post(ctx, a, "/cgi-bin/menu/create", map[string]any{"button": buttons}, nil)
}

// String is the menu as lines, for a preview and the audit.
func (m Menu) String() string {
	var b strings.Builder
	for _, g := range m.Groups {
		fmt.Fprintf(&b, "%s\n", g.Name)
		for _, e := range g.Entries {
			fmt.Fprintf(&b, "  %s → %s\n", e.Name, e.Words())
		}
	}
	return b.String()
}
