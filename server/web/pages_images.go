package web

import (
	"github.com/gofiber/fiber/v2"
)

// chatImage shows a resident an image of the own conversation.
func (s *Site) chatImage(c *fiber.Ctx) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	return s.showImage(c, v.ConversationID)
}

// deskImage shows staff an image of a conversation in their scope.
func (s *Site) deskImage(c *fiber.Ctx) error {
	k, err := s.conversation(c)
	switch {
	case err != nil:
		return err
	case !mayRead(s.user(c), k):
		return errRight
	}
	return s.showImage(c, k.ID)
}

func (s *Site) showImage(c *fiber.Ctx, conversationID int64) error {
	a, err := s.Pictures.Attachment(c.UserContext(), conversationID, c.Params("image"))
	if err != nil {
		return err
	}
	f, err := s.Images.Open(a.ID)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "private, max-age=86400") // the id names these bytes for good
	s.sendImage(c, a, f)
	return nil
}
