package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAnExchangeReportsCallsWithTheScriptOfDeploy runs the script as an
// exchange would, with what a stranger may put into a caller id.
func TestAnExchangeReportsCallsWithTheScriptOfDeploy(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	r := run(t, "", t.TempDir(), time.Time{})
	exchange := r.atTheTelephone()
	keyFile := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(keyFile, []byte(exchange.token+"\n"), 0o600))
	report := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "../deploy/report-call.sh", args...)
		cmd.Env = append(os.Environ(), "QUANDESK_URL="+r.url, "QUANDESK_KEY_FILE="+keyFile)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Empty(t, string(out), "nothing is said, the key least of all")
	}
	report("ringing", "1732600000.12", `13812345678","event":"ended`, "96116", "8001")
	report("answered", "1732600000.12", "13812345678", "96116", "8001")
	report("ended", "1732600000.12", "$(reboot)`reboot`;'", "96116")
	report("ringing", "1732600000.13", "anonymous", "96116", "8001")
	c, err := r.prog.store.Call(t.Context(), "1732600000.12")
	require.NoError(t, err)
	require.False(t, c.RingingAt.IsZero() || c.AnsweredAt.IsZero() || c.EndedAt.IsZero(), "%+v", c)
	require.Equal(t, "林晓雨", c.Agent.Name)
	r.sound()
}

func TestTheExampleForFreeSWITCHIsXML(t *testing.T) {
	text, err := os.ReadFile("../deploy/freeswitch.xml")
	require.NoError(t, err)
	d := xml.NewDecoder(strings.NewReader(string(text)))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}
