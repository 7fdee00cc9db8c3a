package tickets

import (
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/tickets/customer"
)

// Hidden stands for what somebody may not see.
const Hidden = "（已保密）"

// Veil takes out of a text what would tell who or where the person of a
// confidential ticket is (D06); the texts of other tickets stay.
func (t *Ticket) Veil(text string) string {
	if !t.Confidential {
		return text
	}
	for _, p := range slices.Backward(customer.FindPhones(text)) {
		if p.Number == t.ContactPhone || p.Number == t.CallPhone {
			text = text[:p.Start] + Hidden + text[p.End:]
		}
	}
	for _, secret := range []string{
		t.Address.Text, t.Address.Detail, t.Address.Community, t.Address.Street, t.ContactName,
	} {
		if utf8.RuneCountInString(secret) > 1 {
			text = strings.ReplaceAll(text, secret, Hidden)
		}
	}
	return text
}
