package customer_test

import (
	"errors"
	"testing"
	"time"

	"quandesk/tickets/customer"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestIdentitiesAreJoinedOnProofOnly(t *testing.T) {
	li := customer.Customer{ID: 7, Name: "李女士", Phone: "13812345678"}
	silent := customer.Customer{ID: 8}
	follower := customer.Identity{Channel: "wechat", ExternalID: "o-1"}
	mine, theirs := follower, follower
	mine.CustomerID, mine.Proof, mine.ProvenAt = 7, customer.ProofSMS, noon.Add(-time.Hour)
	theirs.CustomerID = 9
	for _, x := range []struct {
		name  string
		c     customer.Customer
		id    customer.Identity
		proof customer.Proof
		want  error
	}{
		{"staff confirmed it on the phone", li, follower, customer.ProofStaff, nil},
		{"the code of a text message came back", li, follower, customer.ProofSMS, nil},
		{"the channel vouches for the phone", li, follower, customer.ProofChannel, nil},
		{"no proof", li, follower, "", customer.ErrUnproven},
		{"a claim is no proof", li, follower, "same_name", customer.ErrUnproven},
		{"a text message proves nothing of a customer without a phone", silent, follower, customer.ProofSMS, customer.ErrUnproven},
		{"the channel's phone proves nothing of a customer without one", silent, follower, customer.ProofChannel, customer.ErrUnproven},
		{"staff may confirm a customer without a phone", silent, follower, customer.ProofStaff, nil},
		{"a customer who is not stored yet", customer.Customer{Phone: "13812345678"}, follower, customer.ProofStaff, customer.ErrUnproven},
		{"another person's identity", li, theirs, customer.ProofStaff, customer.ErrOtherPerson},
		{"another person's identity without proof is not even told apart", li, theirs, "", customer.ErrUnproven},
		{"joined already", li, mine, customer.ProofStaff, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := customer.Join(x.c, x.id, x.proof, noon)
			if !errors.Is(err, x.want) {
				t.Fatalf("Join = %v, want %v", err, x.want)
			}
			if err != nil && got != x.id {
				t.Errorf("a refused join changed the identity to %+v", got)
			}
			if err == nil && (got.CustomerID != x.c.ID || !got.Proof.Valid() || got.ProvenAt.IsZero()) {
				t.Errorf("joined identity %+v lacks person, proof or time", got)
			}
		})
	}
	if again, _ := customer.Join(li, mine, customer.ProofStaff, noon); again != mine {
		t.Errorf("a second join replaced the first proof: %+v", again)
	}
}

func TestAccountNumbersHaveEightToTwelveDigits(t *testing.T) {
	for _, x := range []struct {
		text string
		want customer.Account
	}{
		{"12345678", "12345678"},
		{"0531 0012 3456", "053100123456"},
		{"１２３４５６７８９", "123456789"},
		{"1234567", ""},
		{"1234567890123", ""},
		{"户号12345678", ""},
		{"", ""},
	} {
		got, err := customer.ParseAccount(x.text)
		if got != x.want || (err == nil) != (x.want != "") || err != nil && !errors.Is(err, customer.ErrAccount) {
			t.Errorf("ParseAccount(%q) = %q, %v; want %q", x.text, got, err, x.want)
		}
	}
}
