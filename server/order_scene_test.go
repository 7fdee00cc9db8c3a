package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/hotline12345"
	"quandesk/channels/hotline12345/hotlinetest"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

const cityOrder = "261120091500000001"

// city is the platform of 12345: it pushes orders and hears of them.
type city struct {
	*hotlinetest.Platform
	r     *running
	nonce int
}

// runWithCity starts the program with a platform that it tells of its orders.
func runWithCity(t *testing.T, databaseURL, dir string) (*running, *city) {
	t.Helper()
	c := &city{Platform: hotlinetest.New(t)}
	c.Now = func() time.Time { return c.r.clock() } // one clock for both
	c.r = runWith(t, map[string]string{
		"HUB_DATABASE_URL": databaseURL, "HUB_DATA": dir,
		"HUB_HOTLINE12345_URL": c.URL, "HUB_HOTLINE12345_SECRET": c.Secret,
	}, noon)
	return c.r, c
}

// push sends one piece of mail, signed.
func (c *city) push(mail string, more object) object {
	c.r.t.Helper()
	body := object{
		"external_no": cityOrder, "event_type": mail, "content": "文化东路63号门口自来水管漏水，两天没人修。", "demand_type": "投诉",
		"contact_name": "张三丰", "contact_phone": "13812345678", "address_raw": "历下区文化东路63号", "confidential": false,
		"dispatched_at": c.r.clock().Format(time.RFC3339),
	}
	for k, v := range more {
		body[k] = v
	}
	raw, err := json.Marshal(body)
	require.NoError(c.r.t, err)
	c.nonce++
	stamp, nonce := strconv.FormatInt(c.r.clock().Unix(), 10), fmt.Sprintf("nonce-%08d", c.nonce)
	req, err := http.NewRequestWithContext(c.r.t.Context(), "POST", c.r.url+"/hotline12345/orders", strings.NewReader(string(raw)))
	require.NoError(c.r.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(hotline12345.HeaderTimestamp, stamp)
	req.Header.Set(hotline12345.HeaderNonce, nonce)
	req.Header.Set(hotline12345.HeaderSignature, hotline12345.Sign(c.Secret, stamp, nonce, raw))
	res, err := http.DefaultClient.Do(req)
	require.NoError(c.r.t, err)
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	require.NoError(c.r.t, err)
	require.Less(c.r.t, res.StatusCode, 300, string(said))
	var out object
	require.NoError(c.r.t, json.Unmarshal(said, &out), string(said))
	return out
}

// acts is what the platform has, in its order.
func (c *city) acts() []string {
	var out []string
	for _, m := range c.Taken() {
		out = append(out, fmt.Sprint(m.Action, " ", m.Round))
	}
	return out
}

// hears waits until the platform has exactly this.
func (c *city) hears(want ...string) {
	c.r.t.Helper()
	require.Eventually(c.r.t, func() bool { return fmt.Sprint(c.acts()) == fmt.Sprint(want) }, time.Minute, 20*time.Millisecond,
		"the platform has %v, not yet %v", c.acts(), want)
}

// knows waits until what is not yet reported of an act, or of all, is in these states.
func (c *city) knows(whom caller, act tickets.Act, states ...string) {
	c.r.t.Helper()
	path := "/reports"
	if act != "" {
		path += "?act=" + string(act)
	}
	var last []string
	require.Eventually(c.r.t, func() bool {
		last = nil
		for _, o := range whom.do(200, "GET", path, nil)["reports"].([]any) {
			last = append(last, fmt.Sprint(o.(object)["state"]))
		}
		return slices.Equal(last, states)
	}, time.Minute, 50*time.Millisecond, "not yet %v", states)
}

func TestTheWholeLifeOfAnOrderOf12345(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		r, city := runWithCity(t, url, t.TempDir())
		agent, boss := r.staff("agent"), r.staff("supervisor")

		opened := city.push("办理单", nil) // in
		no := fmt.Sprint(opened["ticket_no"])
		require.Contains(t, no, "TS-20261120-", "%v", opened)
		agent.move(no, "accept", object{})
		agent.move(no, "contact", object{"via": "phone", "result": "reached", "whom": "本人"})

		agent.move(no, "return", object{"reason": "属小区物业管道", "owner": "文化东路物业公司", "phone": "0531-85812345"})
		agent.do(403, "POST", "/tickets/"+no+"/approve_return", object{})
		returned := boss.move(no, "approve_return", object{"opinion": "同意退回"}) // returned
		require.Equal(t, "returned", returned["state"])
		city.hears("return 1")

		r.pass(10 * time.Minute)
		city.push("退回办理单", object{"dispatch_opinion": "经核实属你单位管道，请办理"}) // sent back
		back := agent.do(200, "GET", "/tickets/"+no, nil)
		require.Equal(t, "accepted", back["state"], "it was never dispatched")
		agent.move(no, "dispatch", object{"department": "管网运行部"})
		agent.move(no, "accept", object{}) // signed
		city.hears("return 1", "sign 1")
		city.push("催办单", object{"content": "请尽快办理"})

		until := noon.Add(10 * 24 * time.Hour)
		agent.move(no, "extend", object{"until": until, "reason": "需开挖路面，等待许可", "told": "11月20日电话告知来电人"})
		boss.move(no, "grant_extension", object{"opinion": "同意"}) // extended
		city.hears("return 1", "sign 1", "extend 1")
		ledger := func() object {
			rows := boss.do(200, "GET", "/ledger?source=12345&from=2026-11-20&to=2026-11-20", nil)["rows"].([]any)
			require.Len(t, rows, 1)
			return rows[0].(object)
		}
		first := ledger()["order_due"]
		require.Equal(t, until.Format(time.RFC3339), ledger()["order_due_now"], "as it was extended")

		city.Play(hotlinetest.BreakAfter) // it has the reply, but says that something broke
		agent.move(no, "reply", object{"outcome": "solved", "measures": "更换漏水管段", "reply": "已更换漏水管段并恢复路面。", "channel": "phone",
			"justified": true, "order": object{"caller_says": "satisfied", "exempt": "管道属产权单位"}}) // replied
		city.hears("return 1", "sign 1", "extend 1", "reply 1")
		city.knows(boss, tickets.ActReply, "unknown") // before time passes: the next try counts from here
		r.pass(10 * time.Minute)
		city.knows(boss, tickets.ActReply) // it was asked about, and found there

		again := noon.Add(96 * time.Hour)
		city.push("重新办理单", object{"dispatch_opinion": "回访不满意：路面未恢复", "external_due": again.Format(time.RFC3339)}) // unsatisfied
		require.Equal(t, "processing", agent.do(200, "GET", "/tickets/"+no, nil)["state"])
		agent.move(no, "reply", object{"outcome": "solved", "measures": "重新恢复路面", "reply": "路面已重新恢复平整。", "channel": "phone"}) // redone
		city.hears("return 1", "sign 1", "extend 1", "reply 1", "reply 2")
		closed := r.staff("agent2").move(no, "callback", object{"result": "satisfied", "process": "satisfied", "outcome": "satisfied", "solved": "yes"})
		require.Equal(t, "closed", closed["state"])

		city.knows(agent, "") // nothing is left to be told
		for _, m := range city.Taken() {
			require.Equal(t, cityOrder, m.OrderNo)
			require.NotContains(t, m.Text, "13812345678", "the platform has the number")
		}
		require.Equal(t, "属小区物业管道", city.Taken()[0].Fields["reason"])
		require.Equal(t, "更换漏水管段", city.Taken()[3].Fields["measures"])
		require.Equal(t, "重新恢复路面", city.Taken()[4].Fields["measures"])

		row := ledger()
		for key, want := range map[string]any{
			"returns": 1.0, "return_result": "已退单", "return_reason": "属小区物业管道", "urges": 1.0, "extensions": 1.0, "redone": 1.0, "contact_met": "met", "finish_met": "met",
		} {
			require.Equal(t, want, row[key], key)
		}
		require.NotEmpty(t, row["reported_at"])
		require.Equal(t, first, row["order_due"], "both dates are kept")
		require.Equal(t, again.Format(time.RFC3339), row["order_due_now"])
		for _, d := range boss.do(200, "GET", "/tickets/"+no, nil)["deadlines"].([]any) {
			d := d.(object)
			require.True(t, d["met_at"] != nil || d["ended_at"] != nil, "%v still runs", d)
			require.Nil(t, d["breached_at"], "%v", d)
		}
		r.sound()
	})
}

func TestF04k12AProcessThatDiesAfterThePlatformAcceptedDoesNotReplyTwice(t *testing.T) {
	t.Parallel() // it waits more than it works
	storetest.URLs(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		r, city := runWithCity(t, url, dir)
		agent := r.staff("agent")
		no := fmt.Sprint(city.push("办理单", nil)["ticket_no"])
		agent.move(no, "accept", object{})
		agent.move(no, "dispatch", object{"department": "管网运行部"})
		agent.move(no, "accept", object{})
		city.hears("sign 1")
		// The platform takes the reply and never answers: the process goes down
		// with the message on its way.
		city.Play(hotlinetest.Hang)
		agent.move(no, "reply", object{"outcome": "solved", "measures": "更换漏水管段", "reply": "已更换漏水管段并恢复路面。", "channel": "phone"})
		city.hears("sign 1", "reply 1")
		r.stop()

		again := runWith(t, map[string]string{"HUB_DATABASE_URL": url, "HUB_DATA": dir,
			"HUB_HOTLINE12345_URL": city.URL, "HUB_HOTLINE12345_SECRET": city.Secret}, noon.Add(5*time.Minute))
		city.r = again
		boss := again.staff("supervisor")
		city.knows(boss, tickets.ActReply) // it is asked about, and found there
		require.Equal(t, []string{"sign 1", "reply 1"}, city.acts(), "no second reply")
		posts := 0
		for _, q := range city.Requests() {
			if q.Method == "POST" && q.Body.Action == tickets.ActReply {
				posts++
			}
		}
		require.Equal(t, 1, posts)
		again.sound()
	})
}
