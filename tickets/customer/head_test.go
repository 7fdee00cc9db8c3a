package customer

import "testing"

func TestAHeadFindsWhatItsExpressionFinds(t *testing.T) {
	text := "济南市历下区文化东路63号3号楼2单元301室，经七纬六往北走50米，甲座、Ａ座附近，第三个路灯杆，Lishan Road no. 18 by the gate，Sunny Gardens，City Plaza，七点半，建国小经三路，花园，南路，食堂，１２３号，门口13812345678，\xff一栋楼与二期A2区"
	for _, h := range []head{longDigits, numbers, dashed, counting, storeys, zone, room, city, gridCrossing, homeAfterRoad, crossing, side, joint,
		clockTime, smallRoad, homeAfterHome, roadAfterHome, department, englishRoad, englishHome, englishSight, englishNumber, englishSpot} {
		skipped, found := 0, 0
		for i := range text + " " {
			rest := text[i:]
			want := h.Regexp.FindString(rest)
			if got := h.FindString(rest); got != want || h.MatchString(rest) != (want != "") {
				t.Errorf("%v at %q: %q, want %q", h.Regexp, rest, got, want)
			}
			if want != "" {
				found++
			}
			if !h.begins(rest) {
				skipped++
			}
		}
		if skipped == 0 || found+skipped > len(text)+1 {
			t.Errorf("%v: %d found, %d skipped", h.Regexp, found, skipped)
		}
	}
}
