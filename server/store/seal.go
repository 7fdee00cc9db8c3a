package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// seal closes secrets before they are stored: a copy of the database does not
// give them away.
type seal struct{ box cipher.AEAD }

// Seal sets the key that secrets are closed with from now on.
func (s *Store) Seal(key []byte) error {
	sum := sha256.Sum256(append([]byte("quandesk secrets v1 "), key...))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		return errors.New("store: cannot use the key for secrets")
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		return errors.New("store: cannot use the key for secrets")
	}
	s.seal = &seal{box}
	return nil
}

const sealed = "sealed:v1:"

// close is what is stored of a secret. Without a key it is stored as it is.
func (x *seal) close(plain []byte) string {
	if x == nil {
		return string(plain)
	}
	nonce := make([]byte, x.box.NonceSize())
	_, _ = rand.Read(nonce) // never fails (crypto/rand)
	return sealed + base64.StdEncoding.EncodeToString(x.box.Seal(nonce, nonce, plain, nil))
}

// ErrSealed is returned for a secret that another key has closed.
var ErrSealed = errors.New("store: closed with another HUB_SECRET_KEY")

// open is the way back; what was stored without a key is opened too.
func (x *seal) open(stored string) ([]byte, error) {
	text, closed := strings.CutPrefix(stored, sealed)
	if !closed {
		return []byte(stored), nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if x == nil || err != nil || len(raw) < x.box.NonceSize() {
		return nil, ErrSealed
	}
	plain, err := x.box.Open(nil, raw[:x.box.NonceSize()], raw[x.box.NonceSize():], nil)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
