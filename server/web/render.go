package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed templates/*.html
var templateFiles embed.FS

// layout is everything pages are made of: the templates, parsed once, and the
// files they name.
type layout struct {
	templates *template.Template
	files     map[string]file
}

// newLayout parses what is embedded; a template that does not parse is a
// mistake of ours that every test finds.
func newLayout() *layout {
	h := &layout{files: loadFiles()}
	h.templates = template.Must(parseTemplates(h.address))
	return h
}

// parseTemplates parses all templates into one set: a page, a fragment and a
// live refresh share the partial of a noun. address turns the name of a
// static file into where it is served.
func parseTemplates(address func(name string) string) (*template.Template, error) {
	functions := template.FuncMap{
		"asset":   address,
		"dialAct": newDialAct,
		"icon": func(name string) template.HTML {
			return template.HTML(`<svg class="icon" aria-hidden="true"><use href="` +
				template.HTMLEscapeString(address("icons.svg")+"#"+name) + `"/></svg>`)
		},
	}
	return template.New("").Funcs(functions).Option("missingkey=error").ParseFS(templateFiles, "templates/*.html")
}

func (h *layout) write(w io.Writer, name string, view any) error {
	if err := h.templates.ExecuteTemplate(w, name, view); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	return nil
}

// render answers with a template. Pages of signed-in people are not kept by
// browsers: requireUser says so already, this says it for every page.
func (s *Site) render(c *fiber.Ctx, name string, view any) error {
	var b bytes.Buffer
	if err := s.layout.write(&b, name, view); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(b.Bytes())
}

// fragment reports whether a script asks for a part of a page. Going back in
// the history wants the whole page.
func fragment(c *fiber.Ctx) bool {
	return c.Get("HX-Request") != "" && c.Get("HX-History-Restore-Request") == ""
}

// failureView is what people see instead of what they asked for.
type failureView struct {
	Title, Desk, Heading, Message, RequestID, Back, BackLabel string
}

// renderFailure shows an error as a page, or as a notice beside the page
// somebody is working on, which stays as it is.
func (s *Site) renderFailure(c *fiber.Ctx, status int, message string) error {
	v := failureView{
		Title: "未能完成", Desk: deskName, Heading: failureHeading(status, message), Message: message,
		RequestID: callOf(c.UserContext()).id, Back: "/", BackLabel: "返回首页",
	}
	if s.user(c).ID != 0 {
		v.Back, v.BackLabel = "/desk", "返回工作台"
	}
	c.Status(status)
	if !fragment(c) {
		return s.render(c, "page-failure", v)
	}
	c.Set("X-Reason", url.PathEscape(message)) // for scripts that show it themselves
	c.Set("HX-Retarget", "#toasts")
	c.Set("HX-Reswap", "beforeend")
	return s.render(c, "failure", v)
}

func failureHeading(status int, message string) string {
	if strings.HasPrefix(message, "页面已过期") {
		return "请重新打开"
	}
	switch status {
	case fiber.StatusNotFound:
		return "没有找到"
	case fiber.StatusForbidden:
		return "没有权限"
	case fiber.StatusUnauthorized:
		return "请先登录"
	case fiber.StatusTooManyRequests:
		return "请稍后再试"
	}
	if status >= 500 {
		return "系统出现问题"
	}
	return "未能完成"
}
