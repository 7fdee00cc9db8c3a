// Package wechat is the WeChat official account: it takes in what WeChat
// pushes (authenticated, decrypted, tolerant of what real people type), and
// sends what the desk says as a passive reply or a customer-service message.
// It knows no framework and no database.
package wechat

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Channel is the name conversations of this adapter carry.
const Channel = "wechat"

// Mode is how WeChat encrypts what it pushes to an account.
type Mode string

// The modes an account can be set to.
const (
	Plain      Mode = "plain"      // 明文
	Compatible Mode = "compatible" // 兼容: plain text and ciphertext side by side
	Safe       Mode = "safe"       // 安全: ciphertext only, the reply too
)

// Account is one official account. The same person has another openid, other
// allowances and other media ids on each.
type Account struct {
	Name       string `json:"name"` // of the callback: /wechat/{name}
	AppID      string `json:"appid"`
	Secret     string `json:"secret"`
	Token      string `json:"token"`
	AESKey     string `json:"aes_key"`
	PrevAESKey string `json:"prev_aes_key,omitempty"` // still accepted while WeChat changes over
	PrevToken  string `json:"prev_token,omitempty"`   // likewise,
	// PrevTokenUntil is the end of that; zero: as long as it is there.
	PrevTokenUntil time.Time `json:"prev_token_until,omitzero"`
	GhID           string    `json:"gh_id,omitempty"` // what ToUserName has to be; empty accepts any
	Mode           Mode      `json:"mode"`
	Verified       bool      `json:"verified"`              // may send customer-service messages
	RetryTrick     bool      `json:"retry_trick,omitempty"` // unverified: answer on WeChat's second or third attempt
	Disabled       bool      `json:"disabled,omitempty"`
}

var (
	accountName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	appID       = regexp.MustCompile(`^[A-Za-z0-9_-]{2,64}$`)
	tokenForm   = regexp.MustCompile(`^[A-Za-z0-9]{3,32}$`)
	ghID        = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// ErrAccount is what every mistake in an account wraps.
var ErrAccount = errors.New("wechat: bad account")

// AccountError says what is wrong with an account, without its secrets.
type AccountError struct {
	Name  string
	Field string
	Why   string
}

func (e *AccountError) Error() string {
	return fmt.Sprintf("WeChat account %q: %s %s.", e.Name, e.Field, e.Why)
}

// Unwrap makes it an ErrAccount.
func (e *AccountError) Unwrap() error { return ErrAccount }

// Validate says everything that is wrong at once.
func (a Account) Validate() error {
	var found []error
	wrong := func(field, why string) {
		found = append(found, &AccountError{Name: a.Name, Field: field, Why: why})
	}
	if !accountName.MatchString(a.Name) {
		wrong("name", "must be 1 to 32 small letters, digits, - or _; it is the end of the callback address")
	}
	if !appID.MatchString(a.AppID) {
		wrong("appid", "is missing or not an AppID such as wx0123456789abcdef")
	}
	if !tokenForm.MatchString(a.Token) {
		wrong("token", "must be 3 to 32 letters and digits, as entered in the WeChat console")
	}
	if a.PrevToken != "" && !tokenForm.MatchString(a.PrevToken) {
		wrong("prev_token", "must be 3 to 32 letters and digits")
	}
	if a.GhID != "" && !ghID.MatchString(a.GhID) {
		wrong("gh_id", "is not an original id such as gh_0123456789ab")
	}
	switch a.Mode {
	case Plain:
	case Compatible, Safe:
		if a.AESKey == "" {
			wrong("aes_key", "is missing; the modes compatible and safe need the EncodingAESKey")
		}
	default:
		wrong("mode", "must be plain, compatible or safe")
	}
	if a.AESKey != "" && !validKey(a.AESKey) {
		wrong("aes_key", "must be the EncodingAESKey of 43 letters and digits")
	}
	if a.PrevAESKey != "" && !validKey(a.PrevAESKey) {
		wrong("prev_aes_key", "must be an EncodingAESKey of 43 letters and digits")
	}
	return errors.Join(found...)
}

// Grace is how long a token is accepted after another took its place.
const Grace = 24 * time.Hour

// SetToken puts another token in force; the one before it stays accepted for
// a while, so that nothing is refused between our page and WeChat's.
func (a *Account) SetToken(token string, now time.Time) {
	if a.Token == token {
		return
	}
	if a.Token != "" {
		a.PrevToken, a.PrevTokenUntil = a.Token, now.Add(Grace)
	}
	a.Token = token
}

// Forget ends what is accepted of former keys and tokens.
func (a *Account) Forget() {
	a.PrevAESKey, a.PrevToken, a.PrevTokenUntil = "", "", time.Time{}
}

// GraceToken is the former token while it is accepted.
func (a Account) GraceToken(now time.Time) string {
	if a.PrevTokenUntil.IsZero() || now.Before(a.PrevTokenUntil) {
		return a.PrevToken
	}
	return ""
}

// signer is the account with the token that made the signature of a request:
// the former one, during its grace, or else that in force. The reply is signed
// with the same.
func (a Account) signer(q Query, now time.Time) Account {
	former := a.GraceToken(now)
	if former != "" && signed(q.Signature, former, q.Timestamp, q.Nonce) {
		a.Token = former
	}
	return a
}

// validKey: 43 characters of base64 that make 32 bytes. WeChat's own editor
// draws the last character freely, so its two spare bits are not looked at.
func validKey(key string) bool {
	raw, err := base64.StdEncoding.DecodeString(key + "=")
	return err == nil && len(key) == 43 && len(raw) == 32
}

// String names the account and nothing that opens it.
func (a Account) String() string {
	return fmt.Sprintf("%s (%s, %s)", a.Name, a.AppID, a.Mode)
}

// GoString is String.
func (a Account) GoString() string { return a.String() }

// LogValue is what a log gets.
func (a Account) LogValue() slog.Value {
	return slog.GroupValue(slog.String("name", a.Name), slog.String("appid", a.AppID), slog.String("mode", string(a.Mode)))
}

const maxAccountsFile = 1 << 20

// LoadAccounts reads accounts from a JSON file, or from the value itself when
// it begins with "[". The errors are sentences without a secret in them.
func LoadAccounts(value string) ([]Account, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil, nil
	}
	text := []byte(value)
	if !strings.HasPrefix(value, "[") {
		var err error
		if text, err = readFile(value); err != nil {
			return nil, err
		}
	}
	return parseAccounts(text)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		var text []byte
		if text, err = io.ReadAll(io.LimitReader(f, maxAccountsFile)); err == nil {
			return text, nil
		}
	}
	return nil, mistake("the file cannot be read; it must be the path of a JSON file.")
}

// parseAccounts does not repeat what a JSON error quotes: it may be a secret.
func parseAccounts(text []byte) ([]Account, error) {
	var list []Account
	text = []byte(strings.TrimPrefix(string(text), "\uFEFF"))
	if err := json.Unmarshal(text, &list); err != nil {
		var at *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &at):
			return nil, mistake("not JSON; the mistake is at byte %d.", at.Offset)
		case errors.As(err, &kind):
			return nil, mistake("%q has a value of the wrong kind; the file must be a list of accounts.", kind.Field)
		}
		return nil, mistake("not a JSON list of accounts.")
	}
	return list, checkAll(list)
}

func mistake(format string, args ...any) error {
	return fmt.Errorf("HUB_WECHAT_ACCOUNTS: "+format, args...)
}

// checkAll also looks at what accounts must not share.
func checkAll(list []Account) error {
	var found []error
	for i, a := range list {
		found = append(found, a.Validate())
		for _, b := range list[:i] {
			if a.Name == b.Name {
				found = append(found, &AccountError{Name: a.Name, Field: "name", Why: "is used twice"})
			}
			if a.AppID == b.AppID {
				found = append(found, &AccountError{Name: a.Name, Field: "appid", Why: "is used twice"})
			}
		}
	}
	return errors.Join(found...)
}

// Accounts are the accounts in use. They can be replaced while pushes arrive.
type Accounts struct {
	mu   sync.RWMutex
	list []Account
}

// NewAccounts makes the book of accounts.
func NewAccounts(list ...Account) *Accounts { return &Accounts{list: slices.Clone(list)} }

// ByName finds an account that is not disabled.
func (b *Accounts) ByName(name string) (Account, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, a := range b.list {
		if a.Name == name {
			return a, !a.Disabled
		}
	}
	return Account{}, false
}

// All returns the accounts, the disabled ones too.
func (b *Accounts) All() []Account {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.list)
}

// Replace puts other accounts in force for every push and call from now on.
// It changes nothing when one of them has a mistake.
func (b *Accounts) Replace(list []Account) error {
	if err := checkAll(list); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = slices.Clone(list)
	return nil
}

// Merge puts accounts in the place of others of the same name.
func Merge(list, instead []Account) []Account {
	out := slices.Clone(list)
	for _, a := range instead {
		if i := slices.IndexFunc(out, func(b Account) bool { return b.Name == a.Name }); i >= 0 {
			out[i] = a
		} else {
			out = append(out, a)
		}
	}
	return out
}
