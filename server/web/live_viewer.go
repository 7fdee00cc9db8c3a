package web

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"quandesk/server/auth"
)

// deskTopic is told when anything in the inbox changed.
const deskTopic = "desk"

// outageTopic is told when a notice of an outage has changed.
const outageTopic = "outages"

// residentViewer is a resident: nothing but the own conversation.
type residentViewer struct{ conversationID int64 }

func (g residentViewer) mayHear(_ context.Context, topic string) bool {
	return topic == conversationTopic(g.conversationID) || topic == DraftTopic(g.conversationID)
}

func (g residentViewer) present(context.Context) error { return nil }

// staffViewer is a member of staff with a session.
type staffViewer struct {
	site  *Site
	user  auth.User
	token string
}

// errChanged is returned when the rights of a viewer are no longer those the
// topics were granted for.
var errChanged = errors.New("web: the rights of the viewer changed")

// mayHear asks the same scopes as the pages. Of a confidential ticket only
// those hear who may know whose it is (T15).
func (v *staffViewer) mayHear(ctx context.Context, topic string) bool {
	kind, id, _ := strings.Cut(topic, ":")
	switch kind {
	case deskTopic:
		return id == "" && v.user.Can(auth.ReadInbox)
	case outageTopic:
		return id == "" && v.user.Can(auth.ReadTickets)
	case "conversation":
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || !v.user.Can(auth.ReadInbox) {
			return false
		}
		_, err = v.site.Inbox.Conversation(ctx, inboxScope(v.user), n)
		return err == nil
	case "ticket":
		if !v.user.Can(auth.ReadTickets) && !v.user.Can(auth.ReadLedger) {
			return false
		}
		t, err := v.site.Desk.Ticket(ctx, v.user.Scope(), id)
		return err == nil && mayIdentify(v.user, t)
	case "notices":
		return slices.Contains(v.user.Audiences(), id)
	case "calls": // one's own telephone
		return v.user.Can(auth.ReadTickets) && id == "user:"+strconv.FormatInt(v.user.ID, 10)
	}
	return false
}

// present ends the connection with the session, and when the person's role
// or department is another one: the page comes back and is asked again.
func (v *staffViewer) present(ctx context.Context) error {
	_, u, err := v.site.Gate.Peek(ctx, v.token)
	switch {
	case errors.Is(err, auth.ErrSession):
		return err
	case err != nil:
		return nil // the store is away for a moment: what is told are ids only
	case u.Role != v.user.Role, u.Department != v.user.Department, !slices.Equal(u.Duties, v.user.Duties):
		return errChanged
	}
	return nil
}
