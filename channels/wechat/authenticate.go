package wechat

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Verify answers the request by which WeChat tests the address: the echo as it
// came, decrypted when it was encrypted.
func (r *Receiver) Verify(_ context.Context, req Request) Response {
	a, ok := r.Accounts.ByName(req.Account)
	if !ok {
		return missingResponse
	}
	echo, err := r.verify(a.signer(req.Query, r.Now()), req)
	if err != nil {
		r.refuse(a, "verify", err, req)
		return refusedResponse
	}
	r.Meter.Push(a.Name, "verify", 1, "echo", r.Now().Sub(req.At))
	return Response{Status: 200, Body: echo}
}

func (r *Receiver) verify(a Account, req Request) ([]byte, error) {
	q := req.Query
	if err := fresh(q.Timestamp, r.Now(), r.window()); err != nil {
		return nil, err
	}
	if q.MsgSignature != "" {
		if !signed(q.MsgSignature, a.Token, q.Timestamp, q.Nonce, q.Echo) {
			return nil, forbidden("msg_signature")
		}
		echo, _, err := a.decrypt(q.Echo)
		return echo, err
	}
	if !signed(q.Signature, a.Token, q.Timestamp, q.Nonce) {
		return nil, forbidden("signature")
	}
	return []byte(q.Echo), nil
}

func (r *Receiver) window() time.Duration {
	if r.Window > 0 {
		return r.Window
	}
	return defaultWindow
}

// refuse counts and logs a request that is not WeChat's.
func (r *Receiver) refuse(a Account, kind string, err error, req Request) {
	why := "other"
	var f *ForbiddenError
	if errors.As(err, &f) {
		why = f.Why
	}
	r.Meter.Push(a.Name, kind, 1, "refused_"+why, r.Now().Sub(req.At))
	r.Log.Warn("not from WeChat", "account", a.Name, "why", why)
}

// open authenticates a push and returns the body that is WeChat's, with the
// key its reply has to be encrypted with.
func (r *Receiver) open(a Account, req Request) (body []byte, key string, err error) {
	q := req.Query
	if !signed(q.Signature, a.Token, q.Timestamp, q.Nonce) {
		return nil, "", forbidden("signature")
	}
	if err := fresh(q.Timestamp, r.Now(), r.window()); err != nil {
		return nil, "", err
	}
	encrypted := strings.EqualFold(q.EncryptType, "aes") || q.MsgSignature != ""
	switch {
	case !encrypted && q.EncryptType != "" && !strings.EqualFold(q.EncryptType, "raw"):
		return nil, "", forbidden("encrypt_type")
	case !encrypted && a.Mode == Plain:
		return req.Body, "", nil
	case !encrypted:
		return nil, "", forbidden("downgrade") // signature covers no body: one old address would open the door
	}
	root, err := parse(req.Body)
	if err != nil {
		return nil, "", forbidden("envelope")
	}
	sealed := root.field("Encrypt")
	if sealed == "" || !signed(q.MsgSignature, a.Token, q.Timestamp, q.Nonce, sealed) {
		return nil, "", forbidden("msg_signature")
	}
	return a.decrypt(sealed)
}
