package hotline12345

import (
	"reflect"
	"strings"
	"time"

	"quandesk/tickets"
)

// Change is one field in which an order that came again is not what we have.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from,omitempty"`
	To    string `json:"to"`
	// Moving fields change on the platform as the order goes on; the others
	// are what the caller has said, and a person decides about them.
	Moving bool `json:"moving,omitempty"`
	// Private is who and where the caller is.
	Private bool `json:"private,omitempty"`
}

// watched are the fields that are compared, with their names in the JSON.
var watched = map[string]struct{ moving, private bool }{
	"external_status": {moving: true}, "supervision_level": {moving: true}, "urgency": {moving: true},
	"dispatch_opinion": {moving: true}, "route_text": {moving: true}, "note": {moving: true},
	"handling_unit": {moving: true}, "handling_type": {moving: true}, "outcome": {moving: true},
	"accepted_by": {moving: true}, "dispatcher": {moving: true}, "dispatched_at": {moving: true},
	"return_due": {moving: true}, "reply_note": {moving: true}, "duplicate_of": {moving: true},
	"is_business_env": {moving: true}, "is_inspection": {moving: true}, "origin_channel": {moving: true},
	"title": {}, "content": {}, "demand_type": {}, "category_path": {}, "accepted_at": {}, "external_due": {},
	"reply_wanted": {}, "confidential": {}, "anonymous": {}, "region_code": {},
	"contact_name": {private: true}, "contact_phone": {private: true}, "caller_phone": {private: true},
	"address_raw": {private: true}, "attachments": {moving: true, private: true},
}

// Differs lists what an order says that the order on file does not. What it
// leaves out has not changed: exports have fewer columns than pushes.
func (o Order) Differs(next Order) []Change {
	var out []Change
	have, come := reflect.ValueOf(o), reflect.ValueOf(next)
	for f := range have.Type().Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind, ok := watched[key]
		to := come.FieldByIndex(f.Index)
		if !ok || to.IsZero() {
			continue
		}
		if key == "attachments" {
			to = reflect.ValueOf(joined(o.Attachments, next.Attachments))
		}
		was, is := asText(have.FieldByIndex(f.Index)), asText(to)
		if sameText(was, is) {
			continue
		}
		out = append(out, Change{Field: key, From: was, To: is, Moving: kind.moving, Private: kind.private})
	}
	return out
}

// take makes an order what the changes say.
func (o *Order) take(next Order, changes []Change) {
	before := o.Attachments
	have, come := reflect.ValueOf(o).Elem(), reflect.ValueOf(next)
	named := map[string]bool{}
	for _, c := range changes {
		named[c.Field] = true
	}
	for f := range have.Type().Fields() {
		if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); named[key] {
			have.FieldByIndex(f.Index).Set(come.FieldByIndex(f.Index))
		}
	}
	o.Attachments = joined(before, o.Attachments)
}

func asText(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Time:
		if x.IsZero() {
			return ""
		}
		return x.In(tickets.Beijing).Format("2006-01-02 15:04")
	case bool:
		if x {
			return "是"
		}
		return ""
	case []Attachment:
		var names []string
		for _, a := range x {
			names = append(names, or(a.Name, a.URL))
		}
		return strings.Join(names, "、")
	}
	return v.String()
}

// sameText compares texts without the blanks and line breaks that every
// export sets anew.
func sameText(a, b string) bool { return a == b || squeeze(a) == squeeze(b) }

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// standing are the changes that a person has to decide about.
func standing(list []Change) []Change {
	var out []Change
	for _, c := range list {
		if !c.Moving {
			out = append(out, c)
		}
	}
	return out
}
