package wechat

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var testKey = strings.Repeat("A", 43)

func good(name string) Account {
	return Account{Name: name, AppID: "wx" + name, Secret: "canary-secret", Token: "canarytoken",
		AESKey: testKey, GhID: "gh_" + name, Mode: Safe, Verified: true}
}

func TestAccountsComeFromAFileOrFromTheValue(t *testing.T) {
	const list = `[{"name":"main","appid":"wx1","secret":"s","token":"abc","aes_key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"prev_aes_key":"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB","gh_id":"gh_1","mode":"safe","verified":true},
		{"name":"second","appid":"wx2","token":"abc","mode":"plain","retry_trick":true}]`
	file := filepath.Join(t.TempDir(), "accounts.json")
	require.NoError(t, os.WriteFile(file, []byte("\uFEFF"+list), 0o600))
	for _, value := range []string{file, list, "  " + list} {
		got, err := LoadAccounts(value)
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.Equal(t, Account{Name: "main", AppID: "wx1", Secret: "s", Token: "abc", AESKey: testKey,
			PrevAESKey: strings.Repeat("B", 43), GhID: "gh_1", Mode: Safe, Verified: true}, got[0])
		require.True(t, got[1].RetryTrick)
	}
	none, err := LoadAccounts("")
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestEveryMistakeInAccountsHasASentenceWithoutSecrets(t *testing.T) {
	account := func(change string) string {
		return `[{"name":"main","appid":"wx1","secret":"canary","token":"canary1","aes_key":"` + testKey + `","mode":"safe"` + change + `}]`
	}
	for _, c := range []struct{ name, value, want string }{
		{"no file", "/nowhere/canary.json", "HUB_WECHAT_ACCOUNTS: the file cannot be read; it must be the path of a JSON file."},
		{"broken JSON", `[{"secret":"canary"`, "HUB_WECHAT_ACCOUNTS: not JSON; the mistake is at byte 19."},
		{"a number as token", `[{"token":7}]`, `HUB_WECHAT_ACCOUNTS: "token" has a value of the wrong kind; the file must be a list of accounts.`},
		{"a name with a blank", account(`,"name":"a b"`), `WeChat account "a b": name must be 1 to 32 small letters`},
		{"no appid", account(`,"appid":""`), `WeChat account "main": appid is missing`},
		{"a token with a dash", account(`,"token":"canary-x"`), `WeChat account "main": token must be 3 to 32`},
		{"a short key", account(`,"aes_key":"canary"`), `WeChat account "main": aes_key must be the EncodingAESKey`},
		{"a key that is no base64", account(`,"aes_key":"` + strings.Repeat("!", 43) + `"`), `WeChat account "main": aes_key must be`},
		{"safe without a key", account(`,"aes_key":""`), `WeChat account "main": aes_key is missing`},
		{"an unknown mode", account(`,"mode":"canary"`), `WeChat account "main": mode must be plain, compatible or safe.`},
		{"a name twice", `[{"name":"a","appid":"wx1","token":"abc","mode":"plain"},{"name":"a","appid":"wx2","token":"abc","mode":"plain"}]`,
			`WeChat account "a": name is used twice.`},
		{"an appid twice", `[{"name":"a","appid":"wx1","token":"abc","mode":"plain"},{"name":"b","appid":"wx1","token":"abc","mode":"plain"}]`,
			`WeChat account "b": appid is used twice.`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadAccounts(c.value)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestNoWayOfPrintingAnAccountShowsASecret(t *testing.T) {
	a := good("main")
	a.PrevAESKey = strings.Repeat("B", 43)
	for _, text := range []string{fmt.Sprint(a), fmt.Sprintf("%+v", a), fmt.Sprintf("%#v", a), fmt.Sprintf("%v", []Account{a}), a.LogValue().String()} {
		require.NotContains(t, text, "canary")
		require.NotContains(t, text, "AAAA")
		require.NotContains(t, text, "BBBB")
	}
}

func TestAccountsAreReplacedWhole(t *testing.T) {
	book := NewAccounts(good("one"))
	_, ok := book.ByName("two")
	require.False(t, ok)

	two := good("two")
	off := good("one")
	off.Disabled = true
	require.NoError(t, book.Replace([]Account{off, two}))
	got, ok := book.ByName("two")
	require.True(t, ok)
	require.Equal(t, two, got)
	_, ok = book.ByName("one")
	require.False(t, ok, "a disabled account answers nobody")
	require.Len(t, book.All(), 2)

	bad := good("three")
	bad.Token = "!"
	require.ErrorIs(t, book.Replace([]Account{bad}), ErrAccount)
	require.Len(t, book.All(), 2)
}
