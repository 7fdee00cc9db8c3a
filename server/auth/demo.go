package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/alexedwards/argon2id"

	"quandesk/tickets"
)

// demoPeople are one person of every role and a department's head.
func demoPeople() []User {
	return []User{
		{Username: "agent", Name: "林晓雨", Role: RoleAgent},
		{Username: "agent2", Name: "赵明", Role: RoleAgent},
		{Username: "lead", Name: "王海燕", Role: RoleLead},
		{Username: "supervisor", Name: "孙建国", Role: RoleSupervisor, Duties: []Duty{DutyManager, DutyLeadership}},
		{Username: "editor", Name: "周静", Role: RoleEditor},
		{Username: "admin", Name: "吴磊", Role: RoleAdministrator},
		{Username: "auditor", Name: "郑文", Role: RoleAuditor},
		{
			Username: "handler", Name: "陈志强", Role: RoleAgent, Department: "管网运行部",
			Duties: []Duty{DutyDepartmentHead},
		},
	}
}

// Demo makes the people of a demonstration; never call it in production.
// People who exist are left alone, except that a password that is given
// becomes theirs, so that HUB_DEMO_PASSWORD always opens the door. Without
// one a password is made when somebody is new, and returned: it is the only
// time anybody sees it. The rule for passwords is not asked.
func (g *Gate) Demo(ctx context.Context, password string) (made string, err error) {
	changed, err := g.demoChanges(ctx, password)
	if err != nil || len(changed) == 0 {
		return "", err
	}
	if password == "" {
		made = "demo-" + rand.Text()[:16] // 80 random bits
		password = made
	}
	hash, err := g.hash(ctx, password) // one for all: eight would cost half a second
	if err != nil {
		return "", err
	}
	for _, u := range changed {
		if _, err := g.put(ctx, tickets.Clock, "user.demo", u, hash); err != nil {
			return "", err
		}
	}
	return made, nil
}

// demoChanges returns the demo people to be written: who is missing, and who
// does not have the given password.
func (g *Gate) demoChanges(ctx context.Context, password string) ([]User, error) {
	var changed []User
	same := map[string]bool{} // by hash: the people share one
	for _, u := range demoPeople() {
		old, hash, err := g.store.UserByName(ctx, u.Username)
		switch {
		case errors.Is(err, ErrLogin):
			u.CreatedAt = g.now()
			changed = append(changed, u)
			continue
		case err != nil:
			return nil, fmt.Errorf("find user: %w", err)
		case password == "":
			continue
		}
		match, asked := same[hash]
		if !asked {
			if match, err = argon2id.ComparePasswordAndHash(password, hash); err != nil {
				return nil, fmt.Errorf("compare password of %s: %w", u.Username, err)
			}
			same[hash] = match
		}
		if !match {
			changed = append(changed, old)
		}
	}
	return changed, nil
}
