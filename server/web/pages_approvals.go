package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"quandesk/tickets"
)

// approvalsHome is where leads and supervisors decide.
const approvalsHome = "/desk/approvals"

// approvalsView is what waits for a decision, both sides of each story on one
// screen, and the figures of the orders of 12345.
type approvalsView struct {
	frame
	Asks     []askView
	From, To string
	Orders   int
	Figures  []figureView
	Figure   string // the one that is opened
	List     ticketsView
}

// askView is one request.
type askView struct {
	No, OrderNo, What        string
	Version                  int64
	Due                      dueView
	Description, Address     string
	Received, By, Department string
	Asked, Reason            string
	Owner, Until, Told       string
	Approve, Refuse          string
}

type figureView struct {
	Label, Value, Detail, Href string
	Current                    bool
}

var figureNames = map[tickets.FigureKey]string{
	tickets.ResponseRate: "响应率", tickets.SolvedRate: "解决率", tickets.ContentRate: "满意率", tickets.OnTimeRate: "按时办结率",
	tickets.NoOpinions: "未表态", tickets.ReturnCount: "退单次数", tickets.ExtendedMore: "多次延期", tickets.NearDue: "临期",
	tickets.PastDue: "超期", tickets.UrgeCount: "催办次数", tickets.RedoneCount: "重新办理次数",
}

func (s *Site) pageApprovals(c *fiber.Ctx) error {
	v := approvalsView{}
	if err := s.fillAsks(c, &v); err != nil {
		return err
	}
	if err := s.fillFigures(c, &v); err != nil {
		return err
	}
	var err error
	if v.frame, err = s.frame(c, "审核与指标", approvalsHome); err != nil {
		return err
	}
	return s.render(c, "page-approvals", v)
}

// fillAsks lists what waits for a decision, the most urgent first.
func (s *Site) fillAsks(c *fiber.Ctx, v *approvalsView) error {
	page, err := s.Tickets.List(c.UserContext(), s.scope(c), tickets.Filter{
		States: []tickets.State{tickets.Returning, tickets.Extending}, DueFirst: true, Limit: 200})
	if err != nil {
		return err
	}
	for _, t := range page.Tickets {
		v.Asks = append(v.Asks, s.askView(c, t))
	}
	return nil
}

func (s *Site) askView(c *fiber.Ctx, t *tickets.Ticket) askView {
	u, now := s.user(c), s.Desk.Now()
	veil := veilFor(u, t)
	moves := "/desk/tickets/" + url.PathEscape(t.No) + "/moves/"
	a := askView{No: t.No, OrderNo: t.ExternalNo, Version: t.Version, Received: stamp(t.ReceivedAt)}
	a.Description, a.Address = shownText(u, t)
	if d := t.NextDue(); d != nil {
		a.Due = newClockDue(s.Desk.Rules(), d.Rule, d.Due(), now)
	}
	if t.State == tickets.Returning {
		r := t.Return
		a.What, a.By, a.Department, a.Asked = "退单审核", r.By, orElse(r.Department, "未派单"), stamp(r.At)
		a.Reason, a.Owner = veil(r.Reason), veil(r.Owner)
		a.Approve, a.Refuse = moves+string(tickets.MoveApproveReturn), moves+string(tickets.MoveRefuseReturn)
		return a
	}
	x := t.Extension
	a.What, a.By, a.Department, a.Asked = "延期审核", x.By, orElse(t.Department, "未派单"), stamp(x.Asked)
	a.Reason, a.Told = veil(x.Reason), veil(x.Told)
	a.Until = stamp(t.FinishBy(x.Asked)) + " → " + stamp(x.Until)
	a.Approve, a.Refuse = moves+string(tickets.MoveGrantExtension), moves+string(tickets.MoveRefuseExtension)
	return a
}

// mostDrilled is how many tickets stand under a figure.
const mostDrilled = 200

// fillFigures counts the orders of a period and lists those under the figure
// that is opened.
func (s *Site) fillFigures(c *fiber.Ctx, v *approvalsView) error {
	in := ledgerInput{From: c.Query("from"), To: c.Query("to"), Source: string(tickets.From12345)}
	f, err := in.filter(s.Desk.Now())
	if err != nil {
		return err
	}
	f.Kinds = tickets.Kinds
	opened := tickets.FigureKey(c.Query("figure"))
	sum := tickets.NewOrderFigures(s.Desk.Rules(), s.Desk.Now())
	u, now := s.user(c), s.Desk.Now()
	err = s.Tickets.Ledger(c.UserContext(), s.scope(c), f, func(r tickets.LedgerRow) error {
		if slices.Contains(sum.Add(r), opened) && len(v.List.Rows) < mostDrilled {
			v.List.Rows = append(v.List.Rows, newTicketRow(u, r.Ticket, s.Desk.Rules(), now))
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.From, v.To, v.Orders, v.List.Empty = firstDay(f.From), lastDay(f.To), sum.Orders, "没有有关的工单。"
	for _, fig := range sum.Figures {
		one := newFigure(fig, url.Values{"from": {v.From}, "to": {v.To}, "figure": {string(fig.Key)}})
		if one.Current = fig.Key == opened; one.Current {
			v.Figure = one.Label
		}
		v.Figures = append(v.Figures, one)
	}
	return nil
}

func newFigure(f tickets.Figure, q url.Values) figureView {
	v := figureView{Label: named(figureNames, f.Key), Value: strconv.Itoa(f.Of), Href: approvalsHome + "?" + q.Encode()}
	if !f.Rate {
		return v
	}
	v.Value, v.Detail = "—", "尚无数据"
	if p, ok := f.Percent(); ok {
		v.Value, v.Detail = fmt.Sprintf("%.2f%%", p), fmt.Sprintf("%d ÷ %d", f.Of, f.Among)
	}
	return v
}
