package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, tickets.Beijing)

const complaint = "水发黄，历下区文化东路63号3号楼，电话13812345678"

func TestAResidentIsAnsweredComplainsIsContactedCalledBackAndClosed(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		r := run(t, url, t.TempDir(), noon)
		resident, agent := r.resident(), r.staff("agent")

		answer := resident.say("1", "投诉了多久有人联系我")
		require.Contains(t, answer["text"], "20分钟")
		require.Equal(t, "11.2", answer["citations"].([]any)[0].(object)["clause"])
		require.Equal(t, true, answer["ai"])

		opened := resident.say("2", complaint)
		no := opened["action"].(object)["ticket_no"].(string)
		require.Equal(t, "TS-20261120-0001", no)
		require.Contains(t, opened["text"], no)
		require.Contains(t, opened["text"], "12:20", "by when somebody calls")
		require.NotContains(t, opened["text"], "13812345678", "the number is read back masked")
		require.Contains(t, resident.say("3", "我的投诉到哪一步了")["text"], no)

		r.pass(5 * time.Minute)
		listed := agent.do(200, "GET", "/tickets?state=new", nil)["tickets"].([]any)
		require.Len(t, listed, 1)
		require.NotContains(t, fmt.Sprint(listed), "13812345678", "lists mask phones")
		agent.move(no, "accept", object{})
		agent.move(no, "contact", object{"via": "phone", "result": "no_answer"})
		r.pass(6 * time.Minute)
		agent.move(no, "contact", object{"via": "phone", "result": "reached", "whom": "本人"})
		conversation := fmt.Sprint(agent.do(200, "GET", "/tickets/"+no, nil)["conversation_id"])
		agent.do(201, "POST", "/conversations/"+conversation+"/messages", object{"client_id": "a1", "text": "您好，已安排人员上门。"})
		seen := fmt.Sprint(resident.do(200, "GET", "/webchat/messages", nil))
		require.Contains(t, seen, "已安排人员上门")

		agent.move(no, "dispatch", object{"department": "水质管理中心", "opinion": "请现场取样"})
		agent.move(no, "accept", object{})
		r.pass(20 * time.Minute) // a session lasts thirty idle minutes
		agent.move(no, "reply", object{"outcome": "solved", "measures": "冲洗管道并取样检测", "reply": "已冲洗楼前管道，水质恢复正常。", "channel": "phone"})

		refused := agent.do(409, "POST", "/tickets/"+no+"/callback", object{"result": "satisfied", "process": "satisfied", "outcome": "satisfied"})
		require.Contains(t, fmt.Sprint(refused), "办理人以外")
		closed := agent.do(409, "POST", "/tickets/"+no+"/close", object{})
		require.Contains(t, fmt.Sprint(closed), "回访", "closing names the step that is missing")

		peer := r.staff("agent2")
		once := peer.move(no, "callback", object{"result": "dissatisfied", "process": "satisfied", "outcome": "dissatisfied", "solved": "no", "reason": "又变黄了"})
		require.Equal(t, "escalated", once["state"])
		agent.do(409, "POST", "/tickets/"+no+"/reply", object{"outcome": "solved", "measures": "再次冲洗", "reply": "已再次冲洗，水质恢复正常。"})
		agent.move(no, "redo", object{"department": "管网运行部"})
		agent.move(no, "reply", object{"outcome": "solved", "measures": "更换锈蚀管段", "reply": "已更换锈蚀管段，水质检测合格。"})
		done := peer.move(no, "callback", object{"result": "satisfied", "process": "satisfied", "outcome": "very_satisfied", "solved": "yes"})
		require.Equal(t, "closed", done["state"])

		rows := r.staff("supervisor").do(200, "GET", "/ledger?from=2026-11-20&to=2026-11-20", nil)["rows"].([]any)
		require.Len(t, rows, 1)
		row := fmt.Sprint(rows[0])
		require.Contains(t, row, no)
		require.Contains(t, row, "met")
		r.sound()
	})
}

func TestTheClocksRunOnTheirOwnAndCatchUpAfterAnHourOfStandstill(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		r := run(t, url, dir, noon)
		no := r.resident().say("1", complaint)["action"].(object)["ticket_no"].(string)
		r.stop()

		r = run(t, url, dir, noon.Add(time.Hour))
		supervisor := r.staff("supervisor")
		clockEvents := func() []string {
			var out []string
			for _, e := range supervisor.do(200, "GET", "/tickets/"+no, nil)["events"].([]any) {
				e := e.(object)
				if e["actor"].(object)["kind"] == "clock" {
					data := e["data"].(object)
					out = append(out, fmt.Sprint(e["kind"], " ", data["rule"], " ", data["after"]))
				}
			}
			return out
		}
		first := []string{"warned R01 10m0s", "warned R01 15m0s", "breached R01 20m0s", "pressed R01 30m0s"}
		require.Eventually(t, func() bool { return len(clockEvents()) == len(first) }, time.Minute, 50*time.Millisecond,
			"what came due while the process stood still fires within seconds")
		require.Equal(t, first, clockEvents())
		require.NotEmpty(t, supervisor.do(200, "GET", "/notices", nil)["notices"])

		r.pass(48 * time.Hour)
		supervisor = r.staff("supervisor") // the old session has ended
		all := append(first, "warned R02 24h0m0s", "warned R02 36h0m0s", "warned R02 44h0m0s", "breached R02 48h0m0s")
		require.Eventually(t, func() bool { return len(clockEvents()) == len(all) }, time.Minute, 50*time.Millisecond)
		require.Equal(t, all, clockEvents())
		r.sound()
	})
}

func TestADoubleTapIsOneMessageAndOneTicket(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		r := run(t, url, t.TempDir(), noon)
		resident := r.resident()
		first := resident.say("tap", complaint)
		again := resident.say("tap", complaint)
		require.Equal(t, first["id"], again["id"])
		require.Len(t, r.staff("agent").do(200, "GET", "/tickets", nil)["tickets"], 1)
		r.sound()
	})
}
