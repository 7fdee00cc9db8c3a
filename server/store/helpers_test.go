package store_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/tickets"
)

// clockWords is which rule's which step a clock event is about.
func clockWords(t *testing.T, e tickets.Event) string {
	t.Helper()
	var data struct{ Rule, After string }
	require.NoError(t, json.Unmarshal(e.Data, &data))
	return " " + data.Rule + " " + data.After
}
