//go:build !race

package wechat

const raceEnabled = false
