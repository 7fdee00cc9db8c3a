package bot

import "strings"

// progress tells where a ticket stands, from what the Matter says and nothing
// else. A ticket of another conversation is never spoken of.
func (s *scene) progress() Reply {
	if no := s.means.Slots.Ticket; numbered(no) {
		for _, m := range s.turn.Tickets {
			if digitsOf(m.No) == digitsOf(no) || strings.HasSuffix(digitsOf(m.No), digitsOf(no)) {
				return Reply{Text: wordsProgress(m, s.turn.Now)}
			}
		}
		s.memory.Offered = true
		return Reply{Text: wordsNotYours}
	}
	if len(s.turn.Tickets) == 0 {
		s.memory.Offered, s.memory.Sought = true, true
		return Reply{Text: wordsNoTickets}
	}
	chosen := s.turn.Tickets
	if s.means.Category != "" {
		for _, m := range s.turn.Tickets {
			if m.Category == s.means.Category {
				chosen = []Matter{m}
				break
			}
		}
	}
	var lines []string
	for i, m := range chosen {
		if i == 3 {
			break
		}
		if i > 0 && !m.State.Open() {
			continue
		}
		lines = append(lines, wordsProgress(m, s.turn.Now))
	}
	return Reply{Text: strings.Join(lines, "\n")}
}

// numbered reports whether what points at a ticket is a number, not words.
func numbered(ticket string) bool { return len(digitsOf(ticket)) >= 4 }

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
