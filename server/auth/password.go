package auth

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
)

// ErrPassword is returned for a password that the rule of CheckPassword refuses.
var ErrPassword = errors.New("auth: password too weak")

const (
	minPassword = 10  // characters (GB/T 22239 asks for complexity, T42 for the number)
	maxPassword = 256 // bytes; longer ones are nobody's and only cost work
	minClasses  = 3   // of lower case, upper case, digits, others
	minDistinct = 5   // different characters
)

// common holds passwords and the words they are built from, one a line.
//
//go:embed common.txt
var common string

// CheckPassword is the rule for new passwords: at least ten characters from
// three of the four classes lower case, upper case, digits and others, not
// built around the user name and not one of the common ones. ErrPassword
// says which part failed.
func CheckPassword(username, password string) error {
	folded := strings.ToLower(password)
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return fmt.Errorf("%w: fewer than %d characters", ErrPassword, minPassword)
	case len(password) > maxPassword:
		return fmt.Errorf("%w: more than %d bytes", ErrPassword, maxPassword)
	case classes(password) < minClasses:
		return fmt.Errorf("%w: fewer than %d classes of characters", ErrPassword, minClasses)
	case distinct(folded) < minDistinct:
		return fmt.Errorf("%w: the same characters again and again", ErrPassword)
	case strings.Contains(folded, strings.ToLower(username)):
		return fmt.Errorf("%w: contains the user name", ErrPassword)
	case isCommon(folded):
		return fmt.Errorf("%w: one of the common ones", ErrPassword)
	}
	return nil
}

func classes(password string) int {
	var lower, upper, digit, other int
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return lower + upper + digit + other
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// isCommon looks for the password as a whole and for the word that is left
// without the digits and signs around it: p@ssw0rd2024! is password.
func isCommon(folded string) bool {
	plain := strings.NewReplacer("@", "a", "0", "o", "1", "i", "3", "e", "$", "s", "5", "s")
	trim := func(s string) string {
		return strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	}
	for line := range strings.Lines(common) {
		line = strings.TrimSpace(line)
		if line == folded || line == trim(folded) || line == trim(plain.Replace(trim(folded))) {
			return true
		}
	}
	return false
}

// take waits for its turn to hash; give the slot back with <-g.slots.
func (g *Gate) take(ctx context.Context) error { // context.DeadlineExceeded after patience
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to hash: %w", ctx.Err())
	}
}

// patience is how long a password waits for those before it.
const patience = 3 * time.Second

func (g *Gate) hash(ctx context.Context, password string) (string, error) {
	if err := g.take(ctx); err != nil {
		return "", err
	}
	defer func() { <-g.slots }()
	hash, err := argon2id.CreateHash(password, g.opts.Params)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// dummyHash is a well-formed hash of no known password: comparing with it
// costs what comparing with a real one costs.
func dummyHash(p *argon2id.Params) string {
	salt, key := make([]byte, p.SaltLength), make([]byte, p.KeyLength)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	_, _ = rand.Read(key)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, p.Memory, p.Iterations, p.Parallelism, b64(salt), b64(key))
}
