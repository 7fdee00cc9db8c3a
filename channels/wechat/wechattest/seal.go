// Package wechattest is a WeChat for tests: it pushes as the real servers do
// and judges every reply, and it serves the API that a hub calls.
package wechattest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// Sign is the signature of WeChat: the parts sorted, joined and hashed.
func Sign(parts ...string) string {
	parts = slices.Sorted(slices.Values(parts))
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// padTo is the block of the padding, not of the cipher.
const padTo = 32

// Seal encrypts a message for an account as WeChat does. It is written apart
// from what it tests.
func Seal(aesKey, appID string, message []byte) (string, error) {
	block, key, err := open(aesKey)
	if err != nil {
		return "", err
	}
	plain := make([]byte, 20, 20+len(message)+len(appID)+padTo)
	_, _ = rand.Read(plain[:16])
	binary.BigEndian.PutUint32(plain[16:], uint32(len(message)))
	plain = append(append(plain, message...), appID...)
	n := padTo - len(plain)%padTo
	plain = append(plain, bytes.Repeat([]byte{byte(n)}, n)...)
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), nil
}

// ErrSeal is returned for what was not encrypted for this account.
var ErrSeal = errors.New("wechattest: not encrypted as it must be")

// Unseal decrypts a reply and compares the appid behind it.
func Unseal(aesKey, appID, sealed string) ([]byte, error) {
	block, key, err := open(aesKey)
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(data) < padTo || len(data)%padTo != 0 {
		return nil, ErrSeal
	}
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(data, data)
	n := int(data[len(data)-1])
	if n < 1 || n > padTo || len(data)-n < 20 {
		return nil, ErrSeal
	}
	data = data[:len(data)-n]
	length := int(binary.BigEndian.Uint32(data[16:20]))
	if length > len(data)-20 || string(data[20+length:]) != appID {
		return nil, ErrSeal
	}
	return data[20 : 20+length], nil
}

func open(aesKey string) (cipher.Block, []byte, error) {
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(key)
	return block, key, err
}
