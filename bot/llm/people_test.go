package llm

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"quandesk/kb"
)

var marked = regexp.MustCompile(`\{([^}]+)\}`)

// T76 says names: whoever is named in a message is not named to the endpoint,
// and what names nobody is sent as it is.
func TestNamesOfPeopleAreHiddenAndOrdinaryWordsAreNot(t *testing.T) {
	raw, err := os.ReadFile("testdata/names.txt")
	require.NoError(t, err)
	var names, seen, plain, veiled int
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		found := marked.FindAllStringSubmatch(line, -1)
		text := clean(strings.NewReplacer("{", "", "}", "").Replace(line), 300)
		v := newVeil()
		hidden := v.hide(text)
		require.Equal(t, text, v.show(hidden))
		for _, m := range found {
			names++
			if left := strings.ReplaceAll(marked.ReplaceAllString(line, "〕$1〔"), m[1], ""); strings.Count(hidden, m[1]) > strings.Count(left, m[1]) {
				seen++
				t.Logf("seen %s: %s", m[1], hidden)
			}
		}
		if len(found) > 0 {
			continue
		}
		plain++
		if hidden != text {
			veiled++
			t.Logf("veiled: %s", hidden)
		}
	}
	t.Logf("%d of %d names seen, %d of %d ordinary sentences veiled", seen, names, veiled, plain)
	require.GreaterOrEqual(t, names, 60)
	require.GreaterOrEqual(t, plain, 150)
	require.Zero(t, seen)
	require.Zero(t, veiled)
}

func TestNothingInTheShippedKnowledgeIsTakenForAName(t *testing.T) {
	all, err := kb.Seed()
	require.NoError(t, err)
	for _, a := range all {
		for _, text := range append([]string{a.Title, a.Short, a.Details, a.Next}, a.Questions...) {
			assert.NotContains(t, newVeil().hide(clean(text, 2000)), "〔姓名", a.ID)
		}
	}
}

func TestANameToldOnceIsHiddenWhereverItStands(t *testing.T) {
	v := newVeil()
	v.learn("业主陈晓东想问水费")
	require.Equal(t, "〔姓名1〕昨晚又停了，〔姓名1〕不高兴", v.hide("陈晓东昨晚又停了，陈晓东不高兴"))
}

// T76: what an auditor once read at the endpoint.
func TestTheNamesAnAuditorReadAreHidden(t *testing.T) {
	for text, want := range map[string]string{
		"业主陈晓东想问水费":   "业主〔姓名1〕想问水费",
		"帮我同事刘洋问一下":   "帮我同事〔姓名1〕问一下",
		"我爸赵建军让我问的":   "我爸〔姓名1〕让我问的",
		"维修师傅孙志强态度很差": "维修师傅〔姓名1〕态度很差",
		"房东林美玉的房子":    "房东〔姓名1〕的房子",
	} {
		require.Equal(t, want, newVeil().hide(text))
	}
	require.NotRegexp(t, "李大妈|王芳芳", newVeil().hide("李大妈家闺女王芳芳来过"))
}
