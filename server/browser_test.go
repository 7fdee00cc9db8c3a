package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// chromium finds the browser; the test is skipped without one, or fails
// where everything is required.
func chromium(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("REQUIRE_SERVICES") == "1" {
			t.Fatal("Chromium is required and is not installed")
		}
		t.Skip("Chromium is not installed: the test of the pages in a real browser is left out")
	}
	return path
}

// person sits before a browser of their own.
type person struct {
	t   *testing.T
	ctx context.Context
	url string
}

func sitsDown(t *testing.T, url string, width, height int64) person {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "zh-CN"), chromedp.Env("LANGUAGE=zh_CN"),
		chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Run(ctx, emulation.SetDeviceMetricsOverride(width, height, 1, width < 600)))
	return person{t, ctx, url}
}

func (p person) do(actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.picture("failure-" + filepath.Base(p.t.Name()))
		p.t.Fatalf("in the browser: %v", err)
	}
}

// sees waits until the text stands in an element the selector finds.
func (p person) sees(selector, text string) {
	p.t.Helper()
	var found bool
	p.do(chromedp.Poll(`[...document.querySelectorAll(`+quote(selector)+`)].some(e => e.innerText.includes(`+quote(text)+`))`,
		&found, chromedp.WithPollingInterval(50*time.Millisecond)))
}

func quote(s string) string { return "`" + s + "`" }

// opens goes to a page.
func (p person) opens(path string) { p.do(chromedp.Navigate(p.url + path)) }

// login logs a demo person in.
func (p person) login(username string) {
	p.opens("/login")
	p.do(chromedp.SendKeys("#username", username), chromedp.SendKeys("#password", demoPassword),
		chromedp.Click("button[type=submit]"), chromedp.WaitVisible("nav.rail"))
}

// opensMove opens the form of a move, whatever was open before.
func (p person) opensMove(name string) {
	p.t.Helper()
	button := `[data-move="` + name + `"]`
	p.do(chromedp.WaitReady(button), chromedp.Evaluate(`document.querySelector(`+quote(button)+`).click()`, nil),
		chromedp.WaitVisible(`.slot .form[action$="/moves/`+name+`"]`))
}

// move opens the form of a move, fills it with the script and submits it.
func (p person) move(name, fill string) {
	p.t.Helper()
	p.opensMove(name)
	p.do(chromedp.Evaluate(fill, nil), chromedp.Click(".slot .form button[type=submit]"))
}

// picture keeps what is on the screen when BROWSER_PICTURES names a folder.
func (p person) picture(name string) {
	dir := os.Getenv("BROWSER_PICTURES")
	if dir == "" {
		return
	}
	var png []byte
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	if chromedp.Run(ctx, chromedp.CaptureScreenshot(&png)) == nil {
		_ = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644) // a picture less is no failure
	}
}

func TestInTheBrowserAResidentComplainsAndAnAgentAnswers(t *testing.T) {
	chromium(t)
	r := run(t, "", t.TempDir(), time.Time{})
	resident := sitsDown(t, r.url, 390, 844)
	agent := sitsDown(t, r.url, 1440, 900)
	agent.login("agent")
	agent.opens("/desk")
	agent.do(chromedp.Evaluate(`window.stillThisPage = true`, nil))

	resident.opens("/")
	resident.do(chromedp.SendKeys("#text", "投诉了多久有人联系我"), chromedp.Click("#composer .send"))
	resident.sees(".msg--bot .source", "11.2")
	resident.sees(".msg--bot .ai", "AI生成")
	resident.do(chromedp.SendKeys("#text", complaint),
		chromedp.Evaluate(`{const b = document.querySelector("#composer .send"); b.click(); b.click()}`, nil)) // a double tap
	resident.sees(".msg--bot", "TS-")
	var mine int
	resident.do(chromedp.Evaluate(`[...document.querySelectorAll(".msg--customer")].filter(e => e.innerText.includes("文化东路")).length`, &mine))
	require.Equal(t, 1, mine, "a double tap is one message")
	resident.do(chromedp.SendKeys("#text", "我的投诉办到哪了"), chromedp.Click("#composer .send"))
	resident.sees(".msg--bot:last-child, .msg--bot", "等待受理")
	resident.picture("resident")

	agent.sees(".row", "水质") // live, at its place, with its countdown
	agent.sees(".row .due", ":")
	var still bool
	agent.do(chromedp.Evaluate(`window.stillThisPage === true`, &still))
	require.True(t, still, "the inbox was not reloaded")
	agent.do(chromedp.Click(".row a"), chromedp.WaitVisible("#compose"))
	agent.move("accept", ``)
	agent.sees(".ticket-top", "已受理")
	agent.move("contact", `document.querySelector(".slot [name=via][value=phone], .slot [name=via]").checked = true;
		document.querySelector(".slot [name=result][value=reached]").checked = true`)
	agent.sees(".history", "接通")
	agent.do(chromedp.SendKeys("#reply", "您好，工作人员半小时内上门。"), chromedp.Click("#compose button[type=submit]"))
	resident.sees(".msg--staff", "半小时内上门")
	var marked bool
	resident.do(chromedp.Evaluate(`!!document.querySelector(".msg--staff .ai")`, &marked))
	require.False(t, marked, "a person's message carries no AI mark")
	agent.picture("inbox")

	resident.opens("/")
	resident.sees(".msg--staff", "半小时内上门") // the conversation is kept

	supervisor := sitsDown(t, r.url, 1440, 900)
	supervisor.login("supervisor")
	supervisor.opens("/desk/ledger")
	supervisor.sees("table", "TS-")
	supervisor.picture("ledger")
	r.sound()
}
