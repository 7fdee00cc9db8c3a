package web

import (
	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
)

// phonesView is who sits at which telephone, and which programs may report calls.
type phonesView struct {
	frame
	Problem, Done string
	Key           string // shown this once
	People        []phoneRow
	Keys          []keyRow
}

type phoneRow struct{ Username, Name, Role, Extension string }

type keyRow struct {
	ID                             int64
	Name, Scope, Made, Used, Ended string
}

var scopeNames = map[auth.Action]string{auth.ReportCalls: "报送话务事件"}

func (s *Site) pagePhones(c *fiber.Ctx) error { return s.showPhones(c, phonesView{}) }

func (s *Site) showPhones(c *fiber.Ctx, v phonesView) error {
	people, err := s.People.Users(c.UserContext())
	if err != nil {
		return err
	}
	for _, u := range people {
		if !u.Disabled && u.Can(auth.ReadTickets) {
			v.People = append(v.People, phoneRow{u.Username, u.Name, named(roleNames, u.Role) + prefixed(" · ", u.Department), u.Extension})
		}
	}
	keys, err := s.Keys.Keys(c.UserContext())
	if err != nil {
		return err
	}
	now := s.Desk.Now()
	for _, k := range keys {
		v.Keys = append(v.Keys, keyRow{
			ID: k.ID, Name: k.Name, Scope: named(scopeNames, k.Scope), Made: stamp(k.CreatedAt) + " " + k.MadeBy.Name,
			Used: orElse(when(k.UsedAt, now), "未使用"), Ended: stamp(k.RevokedAt),
		})
	}
	if v.frame, err = s.frame(c, "话机与密钥", "/desk/phones"); err != nil {
		return err
	}
	return s.render(c, "page-phones", v)
}

// phonesRefused shows the page with what is wrong.
func (s *Site) phonesRefused(c *fiber.Ctx, why error) error {
	told := s.failure(c.UserContext(), why)
	if told.status >= 500 || told.status == fiber.StatusForbidden {
		return why
	}
	c.Status(told.status)
	return s.showPhones(c, phonesView{Problem: told.Problem.Message})
}

func (s *Site) formExtension(c *fiber.Ctx) error {
	u, err := s.Gate.SetExtension(c.UserContext(), s.actor(c), c.FormValue("username"), c.FormValue("extension"))
	if err != nil {
		return s.phonesRefused(c, err)
	}
	done := u.Name + "的分机已设为" + u.Extension + "。"
	if u.Extension == "" {
		done = u.Name + "不再使用分机。"
	}
	return s.showPhones(c, phonesView{Done: done})
}

func (s *Site) formMakeKey(c *fiber.Ctx) error {
	token, k, err := s.Keys.Make(c.UserContext(), s.actor(c), c.FormValue("name"), auth.ReportCalls)
	if err != nil {
		return s.phonesRefused(c, err)
	}
	return s.showPhones(c, phonesView{Key: token, Done: "密钥“" + k.Name + "”已发放。下面的密钥只显示这一次，请立即保存。"})
}

func (s *Site) formRevokeKey(c *fiber.Ctx) error {
	if err := s.Keys.Revoke(c.UserContext(), s.actor(c), idOf(c.Params("id"))); err != nil {
		return s.phonesRefused(c, err)
	}
	return s.showPhones(c, phonesView{Done: "密钥已停用，再次使用会被拒绝。"})
}
