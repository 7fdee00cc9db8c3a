package web

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"


	"quandesk/tickets"
)

var update = flag.Bool("update", false, "write the golden files anew")

func plainAddress(name string) string { return "/static/" + name }

func sampleFrame(title, here string) frame {
	f := frame{
		Title: title, Desk: deskName, CSRF: "token", Now: sampleNow.UnixMilli(),
		User: userView{Name: "王芳", Role: "坐席"}, Bell: bellView{Topics: "notices:user:7 notices:role:agent", Count: 3, Words: "3"},
	}
	for _, p := range places {
		f.Nav = append(f.Nav, navView{Href: p.href, Label: p.label, Icon: p.icon, Current: p.href == here})
	}
	return f
}
