package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/store/storetest"
)

func TestAnOutageIsAnnouncedAskedAboutExtendedAndRestored(t *testing.T) { // R14–R16, R19
	storetest.URLs(t, func(t *testing.T, url string) {
		r := run(t, url, t.TempDir(), noon)
		resident, boss := r.resident(), r.staff("lead")
		notice := boss.do(201, "POST", "/outages", object{
			"kind": "planned", "districts": []string{"历下区"}, "streets": []string{"文化东路"}, "start_at": noon.Add(-4 * time.Hour), "end_at": noon.Add(6 * time.Hour),
			"reason": "供水管道改造", "contact_info": "客服热线0531-55501234", "publish": true, "late_reason": "管道突发渗漏",
		})
		no := notice["no"].(string)
		require.Equal(t, "TZ-20261120-001", no)

		asked := resident.say("1", "我家停水了,什么时候来?")
		require.NotContains(t, asked["text"], no)
		require.Contains(t, asked["text"], "小区")
		require.Nil(t, asked["action"])
		told := resident.say("2", "文化东路63号")
		require.Contains(t, told["text"], no)
		require.Contains(t, told["text"], "18:00")
		require.Contains(t, told["text"], "供水管道改造")
		require.Equal(t, "outage:"+no, told["citations"].([]any)[0].(object)["article_id"])
		require.Nil(t, told["action"], "no ticket")

		r.pass(5*time.Hour + 50*time.Minute)
		boss = r.staff("lead") // the session has ended
		boss.do(200, "POST", "/outages/"+no+"/extend", object{"until": noon.Add(8 * time.Hour), "reason": "接口渗漏，重新焊接"})
		again := resident.say("3", "怎么还没来水")
		require.Contains(t, again["text"], "20:00")
		require.Contains(t, again["text"], "重新焊接")

		r.pass(2*time.Hour + 30*time.Minute)
		insists := resident.say("4", "通知说的时间已经过了还没水")
		require.Contains(t, insists["text"], "电话")
		opened := resident.say("5", "13812345678")
		require.Equal(t, "TS-20261120-0001", opened["action"].(object)["ticket_no"])

		boss = r.staff("lead")
		require.Empty(t, boss.do(200, "GET", "/outages?state=restored", nil)["outages"])
		boss.do(200, "POST", "/outages/"+no+"/restore", object{"restored_at": noon.Add(8*time.Hour + 15*time.Minute), "reason": "冲洗延时"})
		second := r.resident().say("1", "文化东路20号来水了吗")
		require.Contains(t, second["text"], "20:15")
		require.Contains(t, second["text"], "恢复供水")
		breached := func() (n int) {
			for _, d := range boss.do(200, "GET", "/outages/"+no, nil)["deadlines"].([]any) {
				if d.(object)["breached_at"] != nil {
					n++
				}
			}
			return n
		}
		require.Eventually(t, func() bool { return breached() == 2 }, time.Minute, 50*time.Millisecond,
			"published late, and back later than it was extended to")
		r.sound()
	})
}
