package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// holding keeps the answers of an address from the page until window.let().
func holding(path string) chromedp.Action {
	return chromedp.Evaluate(`{
	const held = [], send = XMLHttpRequest.prototype.send;
	window.held = 0;
	window.let = () => { XMLHttpRequest.prototype.send = send; held.forEach((go) => go()); };
	XMLHttpRequest.prototype.send = function (body) {
		const load = this.onload;
		this.onload = function () {
			if (!this.responseURL.includes(`+quote(path)+`)) return load.call(this);
			held.push(() => load.call(this));
			window.held++;
		};
		send.call(this, body);
	};
	}`, nil)
}

var (
	held  = chromedp.Poll(`window.held > 0`, nil)
	letGo = chromedp.Evaluate(`window.let()`, nil)
)

// atTheTicket is an agent before a complaint that has just come in.
func (r *running) atTheTicket(t *testing.T) (agent person, no string) {
	t.Helper()
	no = r.resident().say("1", complaint)["action"].(object)["ticket_no"].(string)
	agent = sitsDown(t, r.url, 1440, 900)
	agent.login("agent")
	agent.opens("/desk")
	agent.do(chromedp.Click(".row a"), chromedp.WaitVisible("#head-"+no))
	return agent, no
}

// typed is what stands in a field.
func (p person) typed(selector string) (text string) {
	p.t.Helper()
	p.do(chromedp.Value(selector, &text, chromedp.ByQuery))
	return text
}

// box is where an element is on the screen.
type box struct{ X, Y, Width, Height float64 }

func (p person) box(selector string) (b box) {
	p.t.Helper()
	p.do(chromedp.Evaluate(`(() => { const b = document.querySelector(`+quote(selector)+`).getBoundingClientRect();
		return {X: b.x, Y: b.y, Width: b.width, Height: b.height}; })()`, &b))
	return b
}

// contents is how high what stands in an element is.
func (p person) contents(selector string) (height int) {
	p.t.Helper()
	p.do(chromedp.Evaluate(`[...document.querySelector(`+quote(selector)+`).children].reduce((h, e) => h + e.offsetHeight, 0)`, &height))
	return height
}

func TestInTheBrowserALateAnswerDoesNotTakeAwayTheFormThatWasOpenedSince(t *testing.T) {
	chromium(t)
	r := run(t, "", t.TempDir(), time.Time{})
	agent, no := r.atTheTicket(t)
	agent.opensMove("accept")
	agent.do(holding("/moves/accept"), chromedp.Click(".slot .form button[type=submit]"))
	agent.sees("#head-"+no+" .ticket-top", "已受理") // the live connection was faster than the answer
	agent.opensMove("contact")
	agent.do(chromedp.SendKeys(".slot [name=note]", "用户说两天"), held, letGo)
	require.Equal(t, "用户说两天", agent.typed(".slot [name=note]"))
	agent.do(chromedp.SendKeys(".slot [name=note]", "没水"), chromedp.Evaluate(`document.querySelector("[name=result][value=reached]").checked = true`, nil),
		chromedp.Click(".slot .form button[type=submit]"))
	agent.sees(".history", "用户说两天没水")
}

func TestInTheBrowserAnUpdateLeavesTheFormSomebodyFillsInWhereItIs(t *testing.T) {
	chromium(t)
	r := run(t, "", t.TempDir(), time.Time{})
	agent, no := r.atTheTicket(t)
	agent.opensMove("correct")
	more := "#head-" + no + " details"
	agent.do(chromedp.SendKeys(".slot [name=address]", "文化东路"),
		chromedp.Evaluate(`document.querySelector(`+quote(more)+`).open = true`, nil))
	height, form := agent.contents("#head-"+no), agent.box(".slot .form")
	agent.do(chromedp.Evaluate(`document.styleSheets[0].insertRule(".tags .tag--amber { height: 60px; }")`, nil)) // what comes is large
	r.staff("agent2").move(no, "urge", object{"note": "用户来电催办"})
	agent.sees("#head-"+no, "催办1次")
	require.NotEqual(t, height, agent.contents("#head-"+no), "what stands above the form has another height")
	require.InDelta(t, form.Y, agent.box(".slot .form").Y, 1, "what is aimed at stays where it is")
	require.Equal(t, "文化东路", agent.typed(".slot [name=address]"))
	var kept struct{ Open, Focused bool }
	agent.do(chromedp.Evaluate(`({Open: document.querySelector(`+quote(more)+`).open, Focused: document.activeElement.name === "address"})`, &kept))
	require.True(t, kept.Open, "an open menu stays open")
	require.True(t, kept.Focused, "the cursor stays in the field")
}

func TestInTheBrowserAFormCanBeSentWhileWhatIsAroundItIsRefreshed(t *testing.T) {
	chromium(t)
	r := run(t, "", t.TempDir(), time.Time{})
	agent, no := r.atTheTicket(t)
	agent.opensMove("accept")
	agent.do(holding("/desk/conversations/1/tickets"))
	id := fmt.Sprint(r.staff("agent2").do(200, "GET", "/tickets/"+no, nil)["conversation_id"])
	r.staff("agent2").do(201, "POST", "/conversations/"+id+"/messages", object{"client_id": "n", "text": "请尽快联系", "note": true})
	agent.do(held, chromedp.Click(".slot .form button[type=submit]"))
	agent.sees(".slot", "已完成")
	agent.do(letGo)
	agent.sees("#head-"+no, "已受理")
}

func TestInTheBrowserAClickThatHasBegunIsNotLostToAnUpdate(t *testing.T) {
	chromium(t)
	r := run(t, "", t.TempDir(), time.Time{})
	agent, no := r.atTheTicket(t)
	b := agent.box(`[data-move="contact"]`)
	at := func(kind input.MouseType) chromedp.Action {
		return chromedp.MouseEvent(kind, b.X+b.Width/2, b.Y+b.Height/2, chromedp.ButtonLeft, chromedp.ClickCount(1))
	}
	agent.do(holding("/card"))
	r.staff("agent2").move(no, "urge", object{"note": "用户来电催办"})
	agent.do(held, at(input.MousePressed), letGo, at(input.MouseReleased),
		chromedp.WaitVisible(`.slot .form[action$="/contact"]`))
	agent.sees("#head-"+no, "催办1次")
}
