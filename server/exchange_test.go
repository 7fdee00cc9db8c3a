package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/kb"
)

func TestAFileThatHoldsNoArticlesIsRefusedInPlainWords(t *testing.T) {
	_, err := readArticles("规范.pdf", []byte("%PDF-1.4 …"))
	var file *kb.FileError
	require.ErrorAs(t, err, &file)
	require.Contains(t, file.Words, "PDF")
	list, err := readArticles("条目.csv", []byte("标题,简短答复,问法\n半夜能来修水管吗,夜里也派人抢修。,半夜能来修吗\n"))
	require.NoError(t, err)
	require.Len(t, list.Rows, 1)
	require.Equal(t, "半夜能来修水管吗", list.Rows[0].Article.Title)
}
