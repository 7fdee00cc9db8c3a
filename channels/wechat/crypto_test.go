package wechat

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"
	"github.com/stretchr/testify/require"
)

// The worked examples of WeChat's page on the encryption of pushes.
const (
	vectorSealed = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
	vectorSigned = "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
)

var vector = Account{Name: "vector", AppID: "wxba5fad812f8e6fb9", Token: "AAAAA", AESKey: testKey, Mode: Safe}

func TestTheOfficialVectorsHold(t *testing.T) {
	require.True(t, signed("f464b24fc39322e44b38aa78f5edd27bd1441696", vector.Token, "1714036504", "1514711492"), "GET")
	require.True(t, signed("6c5c811b55cc85e0e1b54100749188c20beb3f5d", vector.Token, "1714112445", "415670741"), "POST")
	require.True(t, signed(vectorSigned, vector.Token, "1714112445", "415670741", vectorSealed), "body")

	plain, key, err := vector.decrypt(vectorSealed)
	require.NoError(t, err)
	require.Equal(t, testKey, key)
	require.True(t, strings.HasPrefix(string(plain), `{"ToUserName":"gh_97417a04a28d"`), string(plain))
	require.Contains(t, string(plain), `"debug_str":"hello world"`)
	random, _, err := util.DecryptMsg(vector.AppID, vectorSealed, testKey)
	require.NoError(t, err)
	require.Equal(t, "a8eedb185eb2fecf", string(random))
}

func TestTheSignatureIsComparedWhole(t *testing.T) {
	for _, bad := range []string{"", "f464b24fc39322e44b38aa78f5edd27bd144169", "F464B24FC39322E44B38AA78F5EDD27BD1441696",
		"f464b24fc39322e44b38aa78f5edd27bd1441697", strings.Repeat("0", 40)} {
		require.False(t, signed(bad, vector.Token, "1714036504", "1514711492"), bad)
	}
}

func TestThePreviousKeyStillOpensAndIsTheOneToAnswerWith(t *testing.T) {
	rotated := vector
	rotated.AESKey, rotated.PrevAESKey = strings.Repeat("B", 43), testKey
	plain, key, err := rotated.decrypt(vectorSealed)
	require.NoError(t, err)
	require.Equal(t, testKey, key)

	reply, err := rotated.encrypt(plain, key, time.Unix(1714112445, 0))
	require.NoError(t, err)
	root, err := parse(reply)
	require.NoError(t, err)
	require.True(t, signed(root.field("MsgSignature"), rotated.Token, root.field("TimeStamp"), root.field("Nonce"), root.field("Encrypt")))
	_, again, err := util.DecryptMsg(rotated.AppID, root.field("Encrypt"), testKey)
	require.NoError(t, err)
	require.Equal(t, plain, again)
}

func TestT04WhatWasTamperedWithIsNotOpened(t *testing.T) {
	other := vector
	other.AppID = "wx0000000000000000"
	sealedForOther, err := util.EncryptMsg([]byte("0123456789abcdef"), []byte("<xml/>"), other.AppID, testKey)
	require.NoError(t, err)
	for name, sealed := range map[string]string{
		"another appid":    string(sealedForOther),
		"a byte changed":   strings.Replace(vectorSealed, "+qdx", "+qdy", 1)[:len(vectorSealed)-4] + "j05=",
		"cut to one block": vectorSealed[:24],
		"sixteen bytes":    "AAAAAAAAAAAAAAAAAAAAAA==",
		"no base64":        "!!!!",
		"empty":            "",
		"huge length": func() string {
			sealed, err := util.EncryptMsg([]byte("0123456789abcdef"), nil, "", testKey)
			require.NoError(t, err)
			return string(sealed)
		}(),
	} {
		_, _, err := vector.decrypt(sealed)
		require.ErrorIsf(t, err, ErrForbidden, "%s", name)
	}
}

func TestRequirement5TheTimeOfAPushIsCheckedIn64Bits(t *testing.T) {
	now := time.Unix(4_102_444_800, 0) // 2100, beyond 32 bits
	for _, c := range []struct {
		name, timestamp string
		ok              bool
	}{
		{"now", "4102444800", true},
		{"ten minutes ago", "4102444200", true},
		{"a second more", "4102444199", false},
		{"ten minutes ahead", "4102445400", true},
		{"a second more ahead", "4102445401", false},
		{"milliseconds", "4102444800000", true},
		{"2015", "1420070400", false},
		{"empty", "", false},
		{"no number", "4102444800x", false},
		{"negative", "-4102444800", false},
		{"too long for 64 bits", "41024448004102444800", false},
	} {
		err := fresh(c.timestamp, now, 10*time.Minute)
		require.Equalf(t, c.ok, err == nil, "%s: %v", c.name, err)
		require.Truef(t, c.ok || errors.Is(err, ErrForbidden), "%s", c.name)
	}
}

func FuzzDecrypt(f *testing.F) {
	f.Add(vectorSealed)
	f.Add("")
	f.Add("AAAA")
	f.Add(strings.Repeat("A", 43) + "=")
	f.Add(vectorSealed[:len(vectorSealed)-24])
	f.Fuzz(func(t *testing.T, sealed string) {
		plain, key, err := vector.decrypt(sealed)
		if err == nil && key != testKey {
			t.Fatalf("opened with %q: %q", key, plain)
		}
	})
}
