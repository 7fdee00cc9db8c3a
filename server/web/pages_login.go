package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

type loginView struct {
	Title, Desk             string
	Username, Next, Problem string
}

func (s *Site) pageLogin(c *fiber.Ctx) error {
	return s.render(c, "page-login", loginView{Title: "登录", Desk: deskName, Next: inside(c.Query("next"))})
}

func (s *Site) formLogin(c *fiber.Ctx) error {
	username, next := c.FormValue("username"), inside(c.FormValue("next"))
	err := s.signIn(c, username, c.FormValue("password"))
	if err == nil {
		return c.Redirect(next, fiber.StatusSeeOther)
	}
	f := s.failure(c.UserContext(), err)
	if f.status >= 500 {
		return err
	}
	c.Status(f.status)
	return s.render(c, "page-login", loginView{
		Title: "登录", Desk: deskName, Username: username, Next: next, Problem: f.Problem.Message,
	})
}

func (s *Site) formLogout(c *fiber.Ctx) error {
	if err := s.signOut(c); err != nil {
		return err
	}
	return c.Redirect("/login", fiber.StatusSeeOther)
}

// inside keeps only addresses of the desk: a login leads nowhere else.
func inside(next string) string {
	if next == "/desk" || strings.HasPrefix(next, "/desk/") && !strings.ContainsAny(next, "\\\r\n") {
		return next
	}
	return "/desk"
}
