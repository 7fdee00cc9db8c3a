package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/outage"
)

func (s *Site) outageAPI(api huma.API) {
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/outages", tag: tagOutages,
		summary: "停水通知：未结束的在前；已恢复和撤回的列最近30天"}, s.listOutages)
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/outages/{no}", tag: tagOutages,
		summary: "一份停水通知，带时限和经过", statuses: []int{404}}, s.getOutage)
	forStaff(s, api, auth.Supervise, operation{method: http.MethodPost, path: "/outages", tag: tagOutages, status: http.StatusCreated,
		summary: "起草停水通知，可同时发布；缺范围、时间、原因或联系方式不能发布（7.3.1）"}, s.postOutage)
	moveNotice(s, api, "change", "修改草稿", func(b Announcement) outageAct {
		return func(n *outage.Notice, at time.Time) ([]outage.Event, error) { return n.Change(b.form(), at) }
	})
	moveNotice(s, api, "publish", "发布；不足24小时（范围大或时间长的不足48小时）须写明原因并留下超时记录", func(b announceBody) outageAct {
		return func(n *outage.Notice, at time.Time) ([]outage.Event, error) { return n.Publish(b.LateReason, at) }
	})
	moveNotice(s, api, "extend", "延长恢复供水时间，须写明原因", func(b prolongBody) outageAct {
		return func(n *outage.Notice, at time.Time) ([]outage.Event, error) { return n.Extend(b.Until, b.Reason, at) }
	})
	moveNotice(s, api, "restore", "恢复供水，即再次通知；晚于通知时间的须写明原因", func(b restoreBody) outageAct {
		return func(n *outage.Notice, at time.Time) ([]outage.Event, error) {
			return n.Restore(outage.Back{BeganAt: b.BeganAt, RestoredAt: b.RestoredAt, Reason: b.Reason}, at)
		}
	})
	moveNotice(s, api, "withdraw", "撤回草稿或已发布的通知", func(b withdrawBody) outageAct {
		return func(n *outage.Notice, at time.Time) ([]outage.Event, error) { return n.Withdraw(b.Reason, at) }
	})
}

type outageAct = func(*outage.Notice, time.Time) ([]outage.Event, error)

// Announcement is what is filled in. A draft may be incomplete.
type Announcement struct {
	Kind       outage.Kind `json:"kind" enum:"planned,emergency" doc:"计划停水或应急停水"`
	Districts  []string    `json:"districts,omitempty" maxItems:"20" doc:"区县"`
	Streets    []string    `json:"streets,omitempty" maxItems:"60" doc:"街道、道路，可带门牌范围，如 和平路1-99号"`
	Compounds  []string    `json:"compounds,omitempty" maxItems:"60" doc:"小区、村，可带楼号范围"`
	Bounds     string      `json:"bounds,omitempty" doc:"四至"`
	StartAt    time.Time   `json:"start_at,omitzero" doc:"停水开始时间"`
	EndAt      time.Time   `json:"end_at,omitzero" doc:"计划恢复供水时间"`
	Reason     string      `json:"reason,omitempty" doc:"停水原因"`
	Contact    string      `json:"contact_info,omitempty" doc:"居民咨询的单位和电话"`
	Households int         `json:"households,omitempty" minimum:"0" doc:"大致影响户数"`
	Valves     string      `json:"valves,omitempty" doc:"停用阀门的个数和口径"`
	DecidedAt  time.Time   `json:"decided_at,omitzero" doc:"应急停水的决定时间，默认现在"`
	Version    int64       `json:"version,omitempty" minimum:"1" doc:"看到的版本号；已被他人更新时返回 409"`
}

func (b Announcement) form() outage.Form {
	return outage.Form{
		Kind: b.Kind, Area: outage.Area{Districts: b.Districts, Streets: b.Streets, Compounds: b.Compounds, Bounds: b.Bounds},
		StartAt: b.StartAt, EndAt: b.EndAt, Reason: b.Reason, Contact: b.Contact, Households: b.Households, Valves: b.Valves, DecidedAt: b.DecidedAt,
	}
}

func (b Announcement) seen() int64 { return b.Version }

type announceBody struct {
	Seen
	LateReason string `json:"late_reason,omitempty" doc:"晚于规定时间发布的原因"`
}

type prolongBody struct {
	Seen
	Until  time.Time `json:"until" doc:"新的恢复供水时间"`
	Reason string    `json:"reason" doc:"延长的原因，居民会看到"`
}

type restoreBody struct {
	Seen
	RestoredAt time.Time `json:"restored_at" doc:"实际恢复供水时间，以居民家中来水为准"`
	BeganAt    time.Time `json:"began_at,omitzero" doc:"实际停水时间"`
	Reason     string    `json:"reason,omitempty" doc:"晚于通知时间恢复的原因"`
}

type withdrawBody struct {
	Seen
	Reason string `json:"reason" doc:"撤回的原因"`
}

// shownOutage is a notice as the API shows it.
type shownOutage struct {
	No             string         `json:"no"`
	Kind           outage.Kind    `json:"kind" enum:"planned,emergency"`
	State          outage.State   `json:"state" enum:"draft,published,restored,withdrawn"`
	Area           outage.Area    `json:"area"`
	StartAt        *time.Time     `json:"start_at,omitempty"`
	EndAt          *time.Time     `json:"end_at,omitempty"`
	FirstEndAt     *time.Time     `json:"first_end_at,omitempty" doc:"最初发布的恢复供水时间"`
	Reason         string         `json:"reason"`
	Contact        string         `json:"contact_info"`
	Households     int            `json:"households,omitempty"`
	Valves         string         `json:"valves,omitempty"`
	DecidedAt      *time.Time     `json:"decided_at,omitempty"`
	BeganAt        *time.Time     `json:"began_at,omitempty"`
	RestoredAt     *time.Time     `json:"restored_at,omitempty"`
	ExtendReason   string         `json:"extend_reason,omitempty"`
	LateReason     string         `json:"late_reason,omitempty"`
	LateRestored   string         `json:"late_restored,omitempty"`
	WithdrawReason string         `json:"withdraw_reason,omitempty"`
	PublishedAt    *time.Time     `json:"published_at,omitempty"`
	CreatedAt      time.Time      `json:"created_at"`
	Version        int64          `json:"version"`
	Warnings       []string       `json:"warnings,omitempty" doc:"草稿现在发布会有的提示"`
	Deadlines      []deadlineBody `json:"deadlines" nullable:"false"`
	Events         []eventBody    `json:"events,omitempty"`
}

func (s *Site) showNotice(n *tickets.Announced, events []tickets.Event) shownOutage {
	b := shownOutage{
		No: n.No, Kind: n.Kind, State: n.State, Area: n.Area, StartAt: moment(n.StartAt), EndAt: moment(n.EndAt), FirstEndAt: moment(n.FirstEndAt),
		Reason: n.Reason, Contact: n.Contact, Households: n.Households, Valves: n.Valves, DecidedAt: moment(n.DecidedAt), BeganAt: moment(n.BeganAt),
		RestoredAt: moment(n.RestoredAt), ExtendReason: n.ExtendReason, LateReason: n.LateReason, LateRestored: n.LateRestored,
		WithdrawReason: n.WithdrawReason, PublishedAt: moment(n.PublishedAt), CreatedAt: beijing(n.CreatedAt), Version: n.Version,
		Deadlines: []deadlineBody{},
	}
	for _, d := range n.Deadlines {
		b.Deadlines = append(b.Deadlines, showDeadline(d))
	}
	for _, e := range events {
		b.Events = append(b.Events, eventBody{Seq: e.Seq, At: beijing(e.At), Actor: e.Actor, Kind: e.Kind, Name: named(outageEvents, e.Kind), Data: e.Data})
	}
	if n.State == outage.Draft {
		b.Warnings = warningSentences(n.Warnings(s.Desk.Now()))
	}
	return b
}

type outagesInput struct {
	State    string `query:"state" enum:"draft,published,restored,withdrawn" doc:"只要这种状态"`
	District string `query:"district" maxLength:"20" doc:"只要这个区县的"`
}

type outagesOutput struct {
	Body struct {
		Outages []shownOutage `json:"outages" nullable:"false"`
	}
}

func (s *Site) listOutages(ctx context.Context, in *outagesInput) (*outagesOutput, error) {
	f := tickets.OutageFilter{Since: s.Desk.Now().Add(-lastingList)}
	if in.State != "" {
		f.States = []outage.State{outage.State(in.State)}
	}
	list, err := s.Notices.Outages(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &outagesOutput{}
	out.Body.Outages = []shownOutage{}
	for _, n := range list {
		if in.District == "" || slices.Contains(n.Area.Districts, in.District) {
			out.Body.Outages = append(out.Body.Outages, s.showNotice(n, nil))
		}
	}
	return out, nil
}

type outageInput struct {
	No string `path:"no" maxLength:"40" doc:"停水通知编号"`
}

type outageOutput struct{ Body shownOutage }

func (s *Site) getOutage(ctx context.Context, in *outageInput) (*outageOutput, error) {
	n, err := s.Outages.Notice(ctx, in.No)
	if err != nil {
		return nil, err
	}
	events, err := s.Notices.OutageEvents(ctx, in.No)
	if err != nil {
		return nil, err
	}
	return &outageOutput{s.showNotice(n, events)}, nil
}

type postOutageInput struct {
	Body struct {
		Announcement
		Publish    bool   `json:"publish,omitempty" doc:"同时发布"`
		LateReason string `json:"late_reason,omitempty" doc:"晚于规定时间发布的原因"`
	}
}

func (s *Site) postOutage(ctx context.Context, in *postOutageInput) (*outageOutput, error) {
	n, err := s.Outages.Draft(ctx, callOf(ctx).actor(), in.Body.form(), in.Body.Publish, in.Body.LateReason)
	if err != nil {
		return nil, err
	}
	return &outageOutput{s.showNotice(n, nil)}, nil
}

type outageMoveInput[B moveBody] struct {
	No   string `path:"no" maxLength:"40" doc:"停水通知编号"`
	Body *B
}

// moveNotice registers POST /outages/{no}/{move}.
func moveNotice[B moveBody](s *Site, api huma.API, move, summary string, act func(B) outageAct) {
	o := operation{method: http.MethodPost, path: "/outages/{no}/" + move, tag: tagOutages, summary: summary, statuses: []int{404, 409}}
	forStaff(s, api, auth.Supervise, o, func(ctx context.Context, in *outageMoveInput[B]) (*outageOutput, error) {
		var b B
		if in.Body != nil {
			b = *in.Body
		}
		n, err := s.Outages.Make(ctx, tickets.OutageChange{By: callOf(ctx).actor(), No: in.No, Version: b.seen()}, act(b))
		if err != nil {
			return nil, err
		}
		return &outageOutput{s.showNotice(n, nil)}, nil
	})
}
