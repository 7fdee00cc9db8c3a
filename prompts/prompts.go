// Package prompts holds what models are told. Every prompt is a file whose
// first line names its version; what is put into it is data and never read as
// a template (T68).
package prompts

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"text/template"
)

//go:embed *.txt
var files embed.FS

// header begins the first line of every prompt.
const header = "版本："

// Render fills the prompt of a name with data and tells its version. An error
// means that there is no such prompt or that data does not fit it.
func Render(name string, data any) (text, version string, err error) {
	raw, err := fs.ReadFile(files, name+".txt")
	if err != nil {
		return "", "", fmt.Errorf("render prompt: %w", err)
	}
	first, body, _ := strings.Cut(string(raw), "\n")
	version, ok := strings.CutPrefix(first, header)
	if !ok {
		return "", "", fmt.Errorf("render prompt %s: no version in its first line", name)
	}
	t, err := template.New(name).Option("missingkey=error").Parse(body)
	if err != nil {
		return "", "", fmt.Errorf("render prompt: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return "", "", fmt.Errorf("render prompt: %w", err)
	}
	return strings.TrimSpace(b.String()), version, nil
}
