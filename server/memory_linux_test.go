package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyPagesOfTheProgramThatCannotBeWrittenAreGivenBack(t *testing.T) {
	from, to, ok := readOnly("00400000-016c9000 r-xp 00000000 08:01 1234                       /opt/quandesk", "/opt/quandesk")
	require.True(t, ok)
	require.Equal(t, []uintptr{0x400000, 0x16c9000}, []uintptr{from, to})
	for _, line := range []string{
		"033d0000-0352d000 rw-p 02fcf000 08:01 1234                       /opt/quandesk",
		"7f10a0000000-7f10a0200000 r--p 00000000 08:01 99                         /usr/lib/libc.so.6",
		"7f10a0000000-7f10a0200000 r--s 00000000 08:01 1234                       /opt/quandesk",
		"c000000000-c002400000 rw-p 00000000 00:00 0",
		"", "x",
	} {
		_, _, ok := readOnly(line, "/opt/quandesk")
		require.Falsef(t, ok, "%q", line)
	}
}
