package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// atTheTelephone is the demo agent at extension 8001, and the exchange with its key.
func (r *running) atTheTelephone() (exchange caller) {
	r.t.Helper()
	admin := r.staff("admin")
	admin.do(200, "POST", "/users/agent/extension", object{"extension": "8001"})
	key := admin.do(201, "POST", "/keys", object{"name": "总机"})["key"].(string)
	return caller{r, key}
}

func (c caller) reports(callID, event, number string) object {
	c.t.Helper()
	return c.do(200, "POST", "/calls", object{"call_id": callID, "event": event, "caller": number, "callee": "96116", "extension": "8001"})
}

func TestInTheBrowserTheCallersHistoryIsThereWhenTheTelephoneRings(t *testing.T) {
	chromium(t)
	r := run(t, "", t.TempDir(), time.Time{})
	exchange := r.atTheTelephone()
	no := r.resident().say("1", complaint)["action"].(object)["ticket_no"].(string)
	agent, colleague := sitsDown(t, r.url, 1440, 900), sitsDown(t, r.url, 1440, 900)
	agent.login("agent")
	colleague.login("agent2")
	agent.opens("/desk/tickets")
	agent.do(chromedp.Evaluate(`window.stillThisPage = true`, nil), chromedp.WaitReady("#calls"))

	exchange.reports("c-1", "ringing", "13812345678")
	agent.sees("#calls .call--ring", "138****5678")
	agent.sees("#calls", no)
	agent.sees("#calls", "水质")
	agent.picture("call-ringing")
	exchange.reports("c-1", "answered", "13812345678")
	agent.sees("#calls .call--talk", "通话中")
	agent.do(chromedp.Click("#calls button[name=contact]"))
	agent.sees("#calls .call--talk", "138****5678")
	exchange.reports("c-1", "ended", "13812345678")
	agent.do(chromedp.Poll(`!document.querySelector("#calls .call")`, nil))
	var still, none bool
	agent.do(chromedp.Evaluate(`window.stillThisPage === true`, &still))
	require.True(t, still, "the page was not reloaded")
	colleague.do(chromedp.Evaluate(`!document.querySelector("#calls .call")`, &none))
	require.True(t, none, "the colleague sees nothing of it")

	exchange.reports("c-2", "ringing", "13698765432")
	agent.sees("#calls .call-unknown", "没有这个号码")
	r.sound()
}

// keys types on the keyboard, whatever has the focus.
func keys(text string) chromedp.Action { return chromedp.KeyEvent(text) }

// tab moves the focus on.
func tab(times int) chromedp.Action { return chromedp.KeyEvent(strings.Repeat(kb.Tab, times)) }

func TestInTheBrowserAComplaintIsRegisteredByKeyboardAlone(t *testing.T) {
	chromium(t)
	r := run(t, "", t.TempDir(), time.Time{})
	exchange := r.atTheTelephone()
	agent := sitsDown(t, r.url, 1440, 900)
	agent.login("agent")
	exchange.reports("c-1", "ringing", "13812345678")
	exchange.reports("c-1", "answered", "13812345678")
	agent.opens("/desk/tickets/new")
	began := time.Now()
	agent.do(chromedp.Poll(`document.activeElement.id === "new-description"`, nil),
		keys("历下区甸柳新村三区5号楼自来水发黄有味道"))
	agent.sees("#suggest", "水质")
	agent.do(chromedp.Poll(`document.getElementById("new-category").value === "water_quality"`, nil),
		chromedp.Poll(`document.getElementById("new-district").value === "历下区"`, nil),
		chromedp.Poll(`document.getElementById("new-address").value.includes("甸柳新村")`, nil))
	agent.picture("register")
	// The kind has the focus next, then the category, then the name.
	agent.do(tab(3), chromedp.Poll(`document.activeElement.id === "new-contact_name"`, nil), keys("张先生"))
	agent.do(chromedp.Poll(`document.getElementById("new-call").value === "c-1"`, nil)) // the call that goes on
	agent.do(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".ticket-top"))
	require.Less(t, time.Since(began), time.Minute)
	agent.sees(".facts", "张先生")
	agent.sees(".facts", "138****5678")
	agent.sees(".facts", "热线电话")
	agent.sees(".history", "电话联系用户，接通")
	agent.picture("registered")

	// The second one: the same number is known, and what was refused is kept.
	agent.opens("/desk/tickets/new")
	agent.do(chromedp.Poll(`document.activeElement.id === "new-description"`, nil), keys("水还是黄的"), tab(4), keys("13812345678"))
	agent.sees("#suggest .sheet--same", "七天内可能是同一件事")
	agent.do(chromedp.SendKeys("#new-contact_phone", "9"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".field .bad"))
	agent.sees(".field .bad", "无法拨通")
	require.Equal(t, "水还是黄的", agent.typed("#new-description"))
	agent.picture("register-refused")
	r.sound()
}

// promiseCalls promises calls of the day, each to another number, and returns who did.
func (r *running) promiseCalls(hours ...string) caller {
	r.t.Helper()
	agent := r.staff("agent")
	for i, at := range hours {
		agent.do(201, "POST", "/callbacks", object{
			"phone": fmt.Sprint("1381234567", i), "contact_name": "刘桂兰", "at": "2026-11-20T" + at + ":00+08:00", "note": "上月水费多了一倍，请回电说明",
		})
	}
	return agent
}

func TestInTheBrowserTheDiallingListIsWorkedWithOneKeyACall(t *testing.T) {
	chromium(t)
	r := run(t, "", t.TempDir(), noon)
	r.promiseCalls("12:05", "12:10", "12:15")
	r.pass(6 * time.Minute)
	person := sitsDown(t, r.url, 1440, 900)
	person.login("agent2")
	person.opens("/desk/callbacks")
	person.sees(".dial", "138****5670")
	person.picture("dialling")
	person.do(keys("1")) // the first of the day answers
	person.sees(".dial--over", "已接通")
	person.do(keys("j"), keys("2"))
	person.sees("#dialling", "未接通1次")
	person.do(keys("j"), keys("j"), keys("3"), chromedp.WaitVisible("form.dial-slot"))
	person.picture("dialling-move")
	person.do(chromedp.Poll(`document.activeElement.name === "free"`, nil), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	person.sees("#dialling .say", "已改约到")
	r.sound()
}

// heldBack keeps what the server answers to requests whose address ends like
// this from the page until the script calls released().
func heldBack(ending string) chromedp.Action {
	return chromedp.Evaluate(`{
		const open = XMLHttpRequest.prototype.open, send = XMLHttpRequest.prototype.send;
		XMLHttpRequest.prototype.open = function (method, path, ...rest) { this.path = path; return open.call(this, method, path, ...rest) };
		XMLHttpRequest.prototype.send = function (body) {
			const told = this.onload;
			if (this.path.endsWith(`+quote(ending)+`)) this.onload = function () { window.arrived = true; window.released = () => told.call(this) };
			return send.call(this, body);
		};
	}`, nil)
}

func TestInTheBrowserAnAnswerThatIsOvertakenTakesNoFormAwayFromTheDiallingList(t *testing.T) {
	chromium(t)
	r := run(t, "", t.TempDir(), noon)
	agent := r.promiseCalls("12:05", "12:10")
	r.pass(11 * time.Minute)
	person := sitsDown(t, r.url, 1440, 900)
	person.login("agent2")
	person.opens("/desk/callbacks")
	person.do(heldBack("/no_answer"), keys("2"), chromedp.Poll(`window.arrived`, nil))
	person.sees("#dialling", "未接通1次") // told by the desk before the answer
	person.do(keys("j"), keys("3"), chromedp.WaitVisible("form.dial-slot"),
		chromedp.Poll(`document.activeElement.name === "free"`, nil),
		chromedp.Evaluate(`document.querySelector("form.dial-slot [name=note]").value = "晚些再打"; released()`, nil))
	require.Equal(t, "晚些再打", person.typed("form.dial-slot [name=note]"), "the form stays, with what is written in it")
	person.do(chromedp.KeyEvent(kb.Enter))
	person.sees("#dialling .say", "已改约到")
	agent.do(201, "POST", "/callbacks", object{"phone": "13812345679", "contact_name": "王建国", "at": "2026-11-20T12:30:00+08:00", "note": "水表不走"})
	person.sees("#dialling", "138****5679")
	person.sees("#dialling .say", "已改约到") // what was done stays said
	person.do(keys("0"))
	person.sees("#dialling .slot", "13812345670") // the first call of the day
	agent.do(201, "POST", "/callbacks", object{"phone": "13812345678", "contact_name": "李秀英", "at": "2026-11-20T12:30:00+08:00", "note": "水表不走"})
	person.sees("#dialling", "138****5678")
	person.sees("#dialling .slot", "13812345670") // who dials can still read it
	r.sound()
}
