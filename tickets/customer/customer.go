// Package customer holds the words for who a resident is and where the
// water is: phones, addresses, areas, accounts and identities.
package customer

import (
	"errors"
	"fmt"
	"time"
)

// Customer is one person the utility serves, known across channels.
type Customer struct {
	ID        int64
	Name      string
	Phone     string  // normalised, see ParsePhone; may be empty
	Account   Account // 户号; may be empty
	Address   Address
	CreatedAt time.Time
}

// Identity is one face of a person on one channel, such as a WeChat follower.
type Identity struct {
	Channel    string // web, wechat, phone…
	Account    string // our account on the channel, where it has several
	ExternalID string // what the channel calls the person
	CustomerID int64  // 0 until the person is proven
	Proof      Proof
	ProvenAt   time.Time
}

// Proof is how it is known that an identity is a certain person.
type Proof string

// The proofs that join an identity to a person. A name, an address or a phone
// number that somebody merely typed is none.
const (
	ProofStaff   Proof = "staff_confirmed" // a member of staff confirmed it on the phone
	ProofSMS     Proof = "sms_code"        // a code sent to the customer's phone came back
	ProofChannel Proof = "channel_phone"   // the channel vouches for the phone number
)

// Valid reports whether p is one of the proofs above.
func (p Proof) Valid() bool { return p == ProofStaff || p == ProofSMS || p == ProofChannel }

// byPhone reports whether p proves no more than the possession of a phone.
func (p Proof) byPhone() bool { return p == ProofSMS || p == ProofChannel }

var (
	// ErrUnproven is returned when identities would be joined without proof.
	ErrUnproven = errors.New("customer: identity is not proven")
	// ErrOtherPerson is returned for an identity that belongs to someone else.
	ErrOtherPerson = errors.New("customer: identity belongs to another person")
	// ErrAccount is returned for what is no account number.
	ErrAccount = errors.New("customer: not an account number")
)

// Join makes an identity one of the customer's. A person who writes from two
// channels stays two people until a proof says otherwise: whoever is joined
// wrongly reads another person's tickets. An identity that is joined already
// keeps its first proof. Errors: ErrUnproven without a proof, for a customer
// not stored yet, and for a proof by phone of a customer without one;
// ErrOtherPerson.
func Join(c Customer, id Identity, p Proof, at time.Time) (Identity, error) {
	switch {
	case c.ID == 0 || !p.Valid() || p.byPhone() && c.Phone == "":
		return id, fmt.Errorf("join %s identity: %w", id.Channel, ErrUnproven)
	case id.CustomerID == c.ID:
		return id, nil
	case id.CustomerID != 0:
		return id, fmt.Errorf("join %s identity: %w", id.Channel, ErrOtherPerson)
	}
	id.CustomerID, id.Proof, id.ProvenAt = c.ID, p, at
	return id, nil
}

// Account is the number of a supply contract (户号): 8 to 12 digits.
type Account string

// ParseAccount reads an account number as it is typed from a bill, with
// spaces, dashes or full-width figures. Errors: ErrAccount.
func ParseAccount(s string) (Account, error) {
	groups, ok := phoneGroups(s)
	if !ok {
		return "", ErrAccount
	}
	if n := join(groups); len(n) >= 8 && len(n) <= 12 {
		return Account(n), nil
	}
	return "", ErrAccount
}
