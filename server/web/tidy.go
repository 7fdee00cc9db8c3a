package web

import (
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"quandesk/channels"
)

// What staff and programs send is cleaned in two places and nowhere else:
// here for addresses and forms, in readJSON for bodies. A resident's words
// are kept as they came and cleaned by the inbox.

// tidy cleans the query and the form of a request. An address or a key of
// broken bytes names nothing and is refused.
func (s *Site) tidy(c *fiber.Ctx) error {
	if !legible(c.Path()) || !legible(c.Get(keyHeader)) {
		return errUnclean
	}
	if pushed(c.Path()) {
		return c.Next() // signed as it is
	}
	tidyArgs(c.Request().URI().QueryArgs())
	if !unsafe(c) || residents(c.Path()) {
		return c.Next()
	}
	switch kind, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";"); kind {
	case fiber.MIMEApplicationForm:
		tidyArgs(c.Request().PostArgs())
	case fiber.MIMEMultipartForm:
		if c.Path() != importUpload && c.Path() != ordersUpload && !talks(c.Path()) { // what a file says is cleaned by who reads it
			return fiber.ErrUnsupportedMediaType // nobody else sends files
		}
	}
	return c.Next()
}

// residents reports whether an address takes what residents write.
func residents(path string) bool {
	return strings.HasPrefix(path, "/chat/") || strings.HasPrefix(path, apiPrefix+"/webchat/")
}

// talks reports whether an address takes pictures of staff for a resident; the
// words beside them are cleaned by the inbox.
func talks(path string) bool {
	path = strings.TrimPrefix(path, apiPrefix)
	return strings.HasSuffix(path, "/attachments") && (strings.HasPrefix(path, "/desk/conversations/") || strings.HasPrefix(path, "/conversations/"))
}

func legible(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// verbatim are fields that are compared and never stored.
var verbatim = map[string]bool{"password": true, csrfField: true}

func tidyArgs(args *fasthttp.Args) {
	type pair struct{ name, value string }
	var list []pair
	dirty := false
	for name, value := range args.All() {
		p := pair{channels.Sanitize(string(name)), string(value)}
		if !verbatim[p.name] {
			p.value = channels.Sanitize(p.value)
		}
		dirty = dirty || p.name != string(name) || p.value != string(value)
		list = append(list, p)
	}
	if !dirty {
		return
	}
	args.Reset()
	for _, p := range list {
		args.Add(p.name, p.value)
	}
}

// scrub cleans every text of a decoded body, but for fields tagged
// clean:"no".
func scrub(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			scrub(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			scrub(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("clean") != "no" {
				scrub(v.Field(i))
			}
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString(channels.Sanitize(v.String()))
		}
	}
}
