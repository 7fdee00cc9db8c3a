package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"path"

	"github.com/gofiber/fiber/v2"
)

//go:embed static
var staticFiles embed.FS

// file is one static file as it is served.
type file struct {
	data    []byte
	kind    string
	version string // of its content, so that browsers may keep it for good
}

// kinds names the types that not every machine's table knows.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

func loadFiles() map[string]file {
	files := map[string]file{}
	entries, _ := staticFiles.ReadDir("static") // embedded: cannot fail
	for _, e := range entries {
		data, _ := staticFiles.ReadFile("static/" + e.Name())
		sum := sha256.Sum256(data)
		kind := kinds[path.Ext(e.Name())]
		if kind == "" {
			kind = mime.TypeByExtension(path.Ext(e.Name()))
		}
		files[e.Name()] = file{data: data, kind: kind, version: hex.EncodeToString(sum[:6])}
	}
	return files
}

// address is where a file is served; it changes with the content.
func (h *layout) address(name string) string {
	return "/static/" + name + "?v=" + h.files[name].version
}

// serveFile answers with a static file. An address that names the version
// may be kept for a year.
func (s *Site) serveFile(c *fiber.Ctx) error {
	f, ok := s.layout.files[c.Params("name")]
	if !ok {
		return errHidden
	}
	keep := "no-cache"
	if c.Query("v") == f.version {
		keep = "public, max-age=31536000, immutable"
	}
	c.Set(fiber.HeaderCacheControl, keep)
	c.Set(fiber.HeaderContentType, f.kind)
	c.Set(fiber.HeaderETag, `"`+f.version+`"`)
	if c.Get(fiber.HeaderIfNoneMatch) == `"`+f.version+`"` {
		return c.SendStatus(fiber.StatusNotModified)
	}
	return c.Send(f.data)
}
