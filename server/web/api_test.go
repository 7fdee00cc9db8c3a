package web

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheAPIDescribesItself(t *testing.T) {
	h := openHouse(t)
	a := h.send("GET", "/api/v1/openapi.json", "", nil).is(200)
	paths := a.json()["paths"].(map[string]any)
	for _, path := range []string{
		"/webchat/sessions", "/webchat/messages", "/webchat/events", "/webchat/attachments", "/login", "/tickets",
		"/tickets/{no}", "/tickets/{no}/contact", "/tickets/{no}/close", "/conversations", "/ledger", "/notices",
	} {
		require.Contains(t, paths, path)
	}
	for path, methods := range paths {
		for method, op := range methods.(map[string]any) {
			o := op.(map[string]any)
			require.NotEmpty(t, o["summary"], "%s %s", method, path)
			require.NotEmpty(t, o["tags"], "%s %s", method, path)
			require.Contains(t, o["responses"], "422")
		}
	}
	require.NotContains(t, a.text, "$schema")
	require.NotContains(t, h.send("GET", "/api/v1/me", h.as("agent"), nil).text, "$schema")
}
