package web

import "github.com/gofiber/fiber/v2"

// pages registers the HTML pages.
func (s *Site) pages(app fiber.Router) {}

// renderFailure shows an error as a page or fragment.
func (s *Site) renderFailure(c *fiber.Ctx, status int, message string) error {
	return c.Status(status).SendString(message)
}
