package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
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
