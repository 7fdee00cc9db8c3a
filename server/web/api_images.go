package web

import (
	"context"
	"mime/multipart"
	"os"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/tickets"
)

// Pictures says whose an image is.
type Pictures interface {
	// PutAttachment keeps what is known of a cleaned image of a conversation.
	PutAttachment(ctx context.Context, conversationID int64, a channels.Attachment) error
	// Attachment finds an image of a conversation. channels.ErrAttachment.
	Attachment(ctx context.Context, conversationID int64, id string) (channels.Attachment, error)
}

type uploadInput struct {
	RawBody multipart.Form
}

type uploadOutput struct {
	Body attachmentBody
}

// upload keeps an image of the resident's conversation, cleaned.
func (s *Site) upload(ctx context.Context, in *uploadInput) (*uploadOutput, error) {
	return s.uploaded(ctx, callOf(ctx).visitor.ConversationID, in.RawBody)
}

func (s *Site) uploaded(ctx context.Context, conversationID int64, form multipart.Form) (*uploadOutput, error) {
	files := form.File["file"]
	if len(files) != 1 {
		return nil, &tickets.InputError{Field: "file", Problem: tickets.Missing}
	}
	a, err := s.keepImage(ctx, conversationID, files[0])
	if err != nil {
		return nil, err
	}
	return &uploadOutput{Body: showAttachment(a)}, nil
}

// keepImage cleans and keeps an uploaded image of a conversation.
func (s *Site) keepImage(ctx context.Context, conversationID int64, file *multipart.FileHeader) (channels.Attachment, error) {
	f, err := file.Open()
	if err != nil {
		return channels.Attachment{}, err
	}
	defer f.Close()
	a, err := s.Images.Put(ctx, f)
	if err != nil {
		return channels.Attachment{}, err
	}
	return a, s.Pictures.PutAttachment(ctx, conversationID, a)
}

type imageInput struct {
	ID string `path:"id" maxLength:"64"`
}

type staffImageInput struct {
	Conversation int64  `path:"id"`
	ID           string `path:"image" maxLength:"64"`
}

func (s *Site) guestImage(ctx context.Context, in *imageInput) (*streamOutput, error) {
	return s.image(ctx, callOf(ctx).visitor.ConversationID, in.ID)
}

func (s *Site) staffImage(ctx context.Context, in *staffImageInput) (*streamOutput, error) {
	u := callOf(ctx).user
	k, err := s.Inbox.Conversation(ctx, inboxScope(u), in.Conversation)
	switch {
	case err != nil:
		return nil, err
	case !mayRead(u, k):
		return nil, errRight
	}
	return s.image(ctx, in.Conversation, in.ID)
}

func (s *Site) image(ctx context.Context, conversationID int64, id string) (*streamOutput, error) {
	a, err := s.Pictures.Attachment(ctx, conversationID, id)
	if err != nil {
		return nil, err
	}
	f, err := s.Images.Open(a.ID)
	if err != nil {
		return nil, err
	}
	return &streamOutput{Body: func(hc huma.Context) { s.sendImage(humafiber.Unwrap(hc), a, f) }}, nil
}

// sendImage lets a page show an image and nothing run in it (T16).
func (s *Site) sendImage(c *fiber.Ctx, a channels.Attachment, f *os.File) {
	c.Set(fiber.HeaderContentType, a.Type)
	c.Set(fiber.HeaderContentDisposition, "attachment")
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'")
	if err := c.SendStream(f, int(a.Size)); err != nil { // closes f
		s.refuse(c, err)
	}
}
