package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"quandesk/channels/hotline12345"
)

// cell is one column of a row and where its value is kept.
type cell struct {
	name string
	at   any // *string and types of text, *bool, *int, *int64, *time.Time; others are kept as JSON
}

// orderCells are the columns of an order that a letter can change, in the
// order of the table.
func orderCells(f *hotline12345.Filed) []cell {
	return []cell{
		{"external_no", &f.No}, {"ticket_id", &f.TicketID}, {"ticket_no", &f.TicketNo},
		{"event_type", (*string)(&f.Mail)}, {"external_status", &f.Status}, {"title", &f.Title}, {"content", &f.Content},
		{"contact_name", &f.ContactName}, {"contact_phone", &f.ContactPhone}, {"caller_phone", &f.CallerPhone},
		{"anonymous", &f.Anonymous}, {"address_raw", &f.Address}, {"area_id", &f.AreaID}, {"region_code", &f.RegionCode},
		{"is_business_env", &f.BusinessEnv}, {"is_inspection", &f.Inspection}, {"accepted_by", &f.AcceptedBy},
		{"origin_channel", &f.OriginChannel}, {"handling_type", &f.HandlingType}, {"demand_type", (*string)(&f.Demand)},
		{"category_path", &f.CategoryPath}, {"accepted_at", &f.AcceptedAt}, {"dispatched_at", &f.DispatchedAt},
		{"urgency", (*string)(&f.Urgency)}, {"confidential", &f.Confidential}, {"reply_wanted", &f.ReplyWanted},
		{"reply_note", &f.ReplyNote}, {"dispatcher", &f.Dispatcher}, {"external_due", &f.Due}, {"due_at", &f.DueAt},
		{"return_due", &f.ReturnDue}, {"supervision_level", &f.Supervision}, {"dispatch_opinion", &f.Opinion},
		{"route_text", &f.Route}, {"note", &f.Note}, {"handling_unit", &f.HandlingUnit}, {"outcome", &f.Outcome},
		{"attachments", &f.Attachments}, {"other_nos", &f.OtherNos}, {"duplicate_of", &f.DuplicateOf},
		{"flags", &f.Flags}, {"extra", &f.Extra}, {"urges", &f.Urges}, {"sent_backs", &f.SentBacks}, {"redos", &f.Redos},
		{"received_at", &f.ReceivedAt}, {"updated_at", &f.UpdatedAt},
	}
}

var orderNames = func() string {
	var names []string
	for _, c := range orderCells(&hotline12345.Filed{}) {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}()

func scanOrder(row interface{ Scan(...any) error }) (*hotline12345.Filed, error) {
	f := &hotline12345.Filed{}
	to := []any{&f.ID, &f.Version}
	for _, c := range orderCells(f) {
		to = append(to, c.into())
	}
	err := row.Scan(to...)
	if err == sql.ErrNoRows {
		return nil, hotline12345.ErrNotFound
	}
	return f, err
}

// into is what the column is scanned into.
func (c cell) into() any {
	switch p := c.at.(type) {
	case *string, *bool, *int, *int64:
		return p
	case *time.Time:
		return (*moment64)(p)
	}
	return &jsonText{c.at}
}

// value is what is written into the column.
func (c cell) value() (any, error) {
	switch p := c.at.(type) {
	case *string:
		return *p, nil
	case *bool:
		return *p, nil
	case *int:
		return *p, nil
	case *int64:
		return *p, nil
	case *time.Time:
		return ms(*p), nil
	}
	b, err := json.Marshal(c.at)
	if text := string(b); err != nil || text == "null" {
		return "", err
	}
	return string(b), nil
}

func cellValues(list []cell) ([]any, error) {
	out := make([]any, len(list))
	for i, c := range list {
		var err error
		if out[i], err = c.value(); err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	return out, nil
}
