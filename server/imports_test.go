package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mayImport says which of our packages a package may import; what is not
// listed is forbidden. A trailing /... means the package and what is below.
var mayImport = map[string][]string{
	"tickets/calendar":                  {},
	"tickets/customer":                  {},
	"tickets/outage":                    {"tickets/customer"},
	"channels":                          {},
	"kb":                                {},
	"server/config":                     {},
	"server/hub":                        {},
	"tickets":                           {"tickets/calendar", "tickets/customer", "tickets/outage"},
	"bot":                               {"bot/unfit", "tickets/...", "channels", "kb"},
	"bot/unfit":                         {}, // what may neither be asked nor said
	"bot/rules":                         {"bot", "tickets/...", "channels"},
	"bot/eval":                          {"bot", "tickets/...", "channels"},
	"bot/claims":                        {"bot", "bot/unfit", "tickets/...", "channels", "kb"},
	"bot/llm":                           {"bot", "bot/claims", "bot/unfit", "prompts", "tickets/...", "channels", "kb"},
	"prompts":                           {},
	"channels/webchat":                  {"channels"},
	"channels/phone":                    {"channels", "tickets/..."},
	"channels/sheet":                    {},
	"channels/hotline12345":             {"tickets/...", "channels/sheet"},
	"channels/hotline12345/hotlinetest": {"channels/hotline12345", "tickets"},
	"channels/wechat":                   {"channels"},
	"channels/channeltest":              {"channels"},
	"channels/wechat/wechattest":        {"channels", "channels/wechat"},
	"kb/embedded":                       {"kb"},
	"kb/meili":                          {"kb"},
	"kb/kbtest":                         {"kb"},
	"kb/vector":                         {"kb"},
	"kb/exchange":                       {"kb", "channels/sheet"}, // a leaf: what keeps packed files from bursting
	"server/auth":                       {"tickets/..."},
	"server/store":                      {"tickets/...", "channels/...", "kb", "server/auth"},
	"server/store/storetest":            {"server/store"},
	"server/watched":                    {},
	"server/jobs":                       {"tickets/...", "channels/...", "kb", "bot", "server/store"},
	"server/web":                        {"tickets/...", "channels/...", "kb", "bot", "server/auth", "server/hub"},
	"server":                            {"..."},
}

// only says which packages alone may know a technology.
var only = map[string][]string{
	"github.com/gofiber/":           {"server/web"},
	"github.com/riverqueue/":        {"server/jobs"},
	"github.com/redis/":             {"server/hub"},
	"github.com/jackc/pgx/":         {"server/store", "server/store/storetest", "server/jobs"},
	"modernc.org/sqlite":            {"server/store"},
	"github.com/sashabaranov/":      {"bot/llm"},
	"github.com/meilisearch/":       {"kb/meili"},
	"github.com/silenceper/":        {"channels/wechat"},
	"github.com/xuri/excelize":      {"server/web", "kb/exchange"},
	"github.com/danielgtaylor/huma": {"server/web"},
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	eachFile(t, func(t *testing.T, file, pkg string, imports []string) {
		for _, name := range imports {
			ours, ok := strings.CutPrefix(name, "quandesk/")
			if !ok {
				continue
			}
			allowed, known := mayImport[pkg]
			require.Truef(t, known, "%s: package %s is not in the table: say what it may import", file, pkg)
			require.Truef(t, matches(allowed, ours), "%s: %s may not import %s", file, pkg, ours)
		}
	})
}

func TestTechnologiesStayInTheirRooms(t *testing.T) {
	eachFile(t, func(t *testing.T, file, pkg string, imports []string) {
		for _, name := range imports {
			for technology, rooms := range only {
				if strings.HasPrefix(name, technology) {
					require.Containsf(t, rooms, pkg, "%s: only %v may know %s", file, rooms, technology)
				}
			}
		}
	})
}

func TestTheTopLevelStaysAsItIs(t *testing.T) {
	rooms := []string{"bot", "channels", "tickets", "kb", "server", "prompts", "deploy", "go.mod", "go.sum", "README.md", "LICENSE", "data"}
	entries, err := os.ReadDir("..")
	require.NoError(t, err)
	for _, e := range entries {
		require.Truef(t, strings.HasPrefix(e.Name(), ".") || slices.Contains(rooms, e.Name()), "%s has no room at the top", e.Name())
	}
}

func matches(allowed []string, pkg string) bool {
	for _, a := range allowed {
		if a == "..." || a == pkg {
			return true
		}
		if below, ok := strings.CutSuffix(a, "/..."); ok && (pkg == below || strings.HasPrefix(pkg, below+"/")) {
			return true
		}
	}
	return false
}

// eachFile parses the imports of every Go file that is not a test.
func eachFile(t *testing.T, f func(t *testing.T, file, pkg string, imports []string)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata" || d.Name() == "data") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		files++
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		var imports []string
		for _, i := range parsed.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			imports = append(imports, name)
		}
		pkg := path.Clean(strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), "../"))
		f(t, file, pkg, imports)
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, files, 50, "the walk found the code")
}
