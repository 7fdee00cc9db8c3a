package store

import "time"

// wechatSessionsFor is how long a page opened inside WeChat stays open: it is
// opened anew, silently, by a tap on the menu.
const wechatSessionsFor = 12 * time.Hour
