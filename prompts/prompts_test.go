package prompts_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/prompts"
)

type article struct {
	Number int
	Text   string
}

var data = map[string]any{
	"Canary": "C", "Tag": "T", "Longest": 200, "Articles": []article{{1, "甲"}}, "History": "", "Text": "乙",
	"Fault": "丙", "Faults": []string{"丁", "戊"},
}

func TestEveryPromptRendersAndNamesItsVersion(t *testing.T) {
	for _, name := range names(t) {
		text, version, err := prompts.Render(name, data)
		require.NoError(t, err, name)
		require.Truef(t, strings.HasPrefix(version, name+"-"), "%s: version %q", name, version)
		require.NotContains(t, text, "版本：")
		require.NotContains(t, text, "{{")
	}
}

// A changed prompt is another prompt: answers are kept with the version that
// made them, so the version must rise. Then put the new line here.
func TestAVersionNamesOneTextOnly(t *testing.T) {
	known, err := os.ReadFile("testdata/versions.txt")
	require.NoError(t, err)
	for _, name := range names(t) {
		raw, err := os.ReadFile(name + ".txt")
		require.NoError(t, err)
		_, version, err := prompts.Render(name, data)
		require.NoError(t, err)
		sum := sha256.Sum256(raw)
		line := version + " " + hex.EncodeToString(sum[:8])
		require.Containsf(t, string(known), line+"\n", "%s has changed: give it the next version and keep it as %q", name, line)
	}
}

func TestWhatIsPutInIsNeverReadAsATemplate(t *testing.T) {
	evil := "{{.Tag}} {{range .}} ${7*7} <%=7*7%>"
	text, _, err := prompts.Render("question", map[string]any{"Articles": []article{{1, evil}}, "History": evil, "Text": evil, "Tag": "T"})
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(text, evil))
}

func TestAnUnknownPromptOrMissingDataIsAnError(t *testing.T) {
	for name, data := range map[string]any{"nothing": nil, "../go": nil, "repair": map[string]any{}} {
		_, _, err := prompts.Render(name, data)
		require.Error(t, err, name)
	}
}

func names(t *testing.T) []string {
	files, err := filepath.Glob("*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ".txt")
	}
	return files
}
