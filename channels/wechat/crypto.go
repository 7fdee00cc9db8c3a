package wechat

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// ErrForbidden is returned for a request that WeChat did not make, or did not
// make now. Nothing of it may be kept or answered.
var ErrForbidden = errors.New("wechat: not from WeChat")

// forbidden is ErrForbidden with the reason, a constant for the counter.
func forbidden(why string) error { return &ForbiddenError{Why: why} }

// ForbiddenError is ErrForbidden with a constant that says why.
type ForbiddenError struct{ Why string }

func (e *ForbiddenError) Error() string { return ErrForbidden.Error() + ": " + e.Why }

// Unwrap makes it an ErrForbidden.
func (e *ForbiddenError) Unwrap() error { return ErrForbidden }

// signed reports whether the signature is that of the parts, in constant time.
func signed(signature string, parts ...string) bool {
	return subtle.ConstantTimeCompare([]byte(signature), []byte(util.Signature(parts...))) == 1
}

// fresh checks the time of a request. WeChat counts seconds; thirteen digits
// are the milliseconds of other implementations.
func fresh(timestamp string, now time.Time, window time.Duration) error {
	n, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || n < 0 {
		return forbidden("timestamp")
	}
	at := time.Unix(n, 0)
	if len(timestamp) >= 13 {
		at = time.UnixMilli(n)
	}
	if away := now.Sub(at).Abs(); away > window {
		return forbidden("stale")
	}
	return nil
}

// decrypt opens what WeChat encrypted, with the current key or else with the
// previous one, and returns the key that worked: the reply has to be
// encrypted with it.
func (a Account) decrypt(encrypted string) (plain []byte, key string, err error) {
	for _, key := range []string{a.AESKey, a.PrevAESKey} {
		if key == "" {
			continue
		}
		if _, plain, err := util.DecryptMsg(a.AppID, encrypted, key); err == nil {
			return plain, key, nil
		}
	}
	return nil, "", forbidden("decrypt") // what the library says may quote the text
}

// encrypt makes the body of an encrypted reply.
func (a Account) encrypt(plain []byte, key string, now time.Time) ([]byte, error) {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	sealed, err := util.EncryptMsg(random[:], plain, a.AppID, key)
	if err != nil {
		return nil, fmt.Errorf("encrypt reply: %w", ErrAccount)
	}
	timestamp, nonce := strconv.FormatInt(now.Unix(), 10), newNonce()
	return fmt.Appendf(nil, "<xml><Encrypt><![CDATA[%s]]></Encrypt><MsgSignature><![CDATA[%s]]></MsgSignature>"+
		"<TimeStamp>%s</TimeStamp><Nonce><![CDATA[%s]]></Nonce></xml>",
		sealed, util.Signature(a.Token, timestamp, nonce, string(sealed)), timestamp, nonce), nil
}

func newNonce() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return strconv.FormatUint(binary.BigEndian.Uint64(b[:]), 10)
}
