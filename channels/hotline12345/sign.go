package hotline12345

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"
)

const (
	// Skew is how far the clock of a sender may be off.
	Skew = 300 * time.Second
	// NonceFor is how long a nonce is remembered: a timestamp that lies Skew
	// ahead is good for twice as long.
	NonceFor = 2 * Skew

	leastNonce, mostNonce = 8, 64
)

// Why a signature is not good.
var (
	ErrUnsigned  = errors.New("hotline12345: unsigned")
	ErrNonce     = errors.New("hotline12345: bad nonce")
	ErrTimestamp = errors.New("hotline12345: timestamp too old or too new")
	ErrSignature = errors.New("hotline12345: wrong signature")
)

// Seal is how a push is signed: HMAC-SHA256 over timestamp.nonce.body.
type Seal struct {
	Timestamp string // Unix seconds
	Nonce     string // 8 to 64 letters, digits, - or _
	Signature string // hexadecimal
}

// Sign is the signature of a body.
func Sign(secret, timestamp, nonce string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(timestamp + "." + nonce + "."))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// Verify checks the seal of a body at a time. An empty secret opens to nobody.
func (s Seal) Verify(secret string, body []byte, now time.Time) error {
	if s.Timestamp == "" || s.Nonce == "" || s.Signature == "" || secret == "" {
		return ErrUnsigned
	}
	if !plainNonce(s.Nonce) {
		return ErrNonce
	}
	seconds, err := strconv.ParseInt(s.Timestamp, 10, 64)
	if err != nil || len(s.Timestamp) > 12 { // seconds; further digits would be another century
		return ErrTimestamp
	}
	if off := now.Sub(time.Unix(seconds, 0)); off > Skew || off < -Skew {
		return ErrTimestamp
	}
	given, err := hex.DecodeString(s.Signature)
	if err != nil {
		return ErrSignature
	}
	want, err := hex.DecodeString(Sign(secret, s.Timestamp, s.Nonce, body))
	if err != nil || !hmac.Equal(given, want) {
		return ErrSignature
	}
	return nil
}

// plainNonce keeps the dot out: it separates the parts that are signed.
func plainNonce(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_':
		default:
			return false
		}
	}
	return len(s) >= leastNonce && len(s) <= mostNonce
}
