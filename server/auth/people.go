package auth

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"quandesk/tickets"
)

// maxName is how many characters the name of a person may have.
const maxName = 32

var usernames = regexp.MustCompile(`^[a-z][a-z0-9._-]{1,31}$`)

// canonical is a user name as accounts have it, or empty when none can.
func canonical(username string) string {
	username = strings.ToLower(strings.TrimSpace(username))
	if !usernames.MatchString(username) {
		return ""
	}
	return username
}

// AddUser makes an account. ErrUser says what is wrong with it or that the
// name is taken, ErrPassword what is wrong with the password.
func (g *Gate) AddUser(ctx context.Context, by tickets.Actor, u User, password string) (User, error) {
	if err := valid(u); err != nil {
		return User{}, err
	}
	if err := CheckPassword(u.Username, password); err != nil {
		return User{}, err
	}
	switch _, _, err := g.store.UserByName(ctx, u.Username); {
	case err == nil:
		return User{}, fmt.Errorf("%w: %s exists", ErrUser, u.Username)
	case !errors.Is(err, ErrLogin):
		return User{}, fmt.Errorf("find user: %w", err)
	}
	hash, err := g.hash(ctx, password)
	if err != nil {
		return User{}, err
	}
	u.CreatedAt = g.now()
	return g.put(ctx, by, "user.add", u, hash)
}

// ChangeUser writes name, role, department, duties and whether the account is
// disabled, by username. It counts from the user's next request.
func (g *Gate) ChangeUser(ctx context.Context, by tickets.Actor, u User) (User, error) {
	if err := valid(u); err != nil {
		return User{}, err
	}
	old, hash, err := g.known(ctx, u.Username)
	if err != nil {
		return User{}, err
	}
	u.ID, u.CreatedAt, u.Extension = old.ID, old.CreatedAt, old.Extension // see SetExtension
	return g.put(ctx, by, "user.change", u, hash)
}

// extensions are the numbers of telephones inside the house.
var extensions = regexp.MustCompile(`^[0-9]{1,10}$`)

// SetExtension says at which telephone a person sits; "" at none. ErrUser when
// it is no extension, ErrTaken when somebody else sits there.
func (g *Gate) SetExtension(ctx context.Context, by tickets.Actor, username, extension string) (User, error) {
	u, _, err := g.known(ctx, username)
	if err != nil {
		return User{}, err
	}
	extension = strings.TrimSpace(extension)
	if extension != "" {
		if !extensions.MatchString(extension) {
			return User{}, fmt.Errorf("%w: an extension is 1 to 10 digits", ErrUser)
		}
		all, err := g.store.Users(ctx)
		if err != nil {
			return User{}, fmt.Errorf("list users: %w", err)
		}
		for _, other := range all {
			if other.Extension == extension && other.ID != u.ID {
				return User{}, ErrTaken
			}
		}
	}
	u.Extension = extension
	return g.put(ctx, by, "user.extension", u, "") // the password stays, and the sessions
}

// SetPassword gives an account a new password. The store ends its sessions.
func (g *Gate) SetPassword(ctx context.Context, by tickets.Actor, username, password string) error {
	u, _, err := g.known(ctx, username)
	if err != nil {
		return err
	}
	if err := CheckPassword(u.Username, password); err != nil {
		return err
	}
	hash, err := g.hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = g.put(ctx, by, "user.password", u, hash)
	return err
}

func (g *Gate) known(ctx context.Context, username string) (User, string, error) {
	u, hash, err := g.store.UserByName(ctx, canonical(username))
	if errors.Is(err, ErrLogin) {
		return User{}, "", fmt.Errorf("%w: no such user", ErrUser)
	}
	if err != nil {
		return User{}, "", fmt.Errorf("find user: %w", err)
	}
	return u, hash, nil
}

// put writes an account and says in the trail how that went, even when the
// caller has gone meanwhile.
func (g *Gate) put(ctx context.Context, by tickets.Actor, action string, u User, hash string) (User, error) {
	result := resultOK
	stored, err := g.store.PutUser(ctx, u, hash)
	if err != nil {
		result, err = resultFailed, fmt.Errorf("%s %s: %w", action, u.Username, err)
	}
	err = errors.Join(err, g.record(context.WithoutCancel(ctx), by, action, u.Username, result))
	return stored, err
}

// valid checks what an account must have.
func valid(u User) error {
	duty := func(d Duty) bool {
		switch d {
		case DutyManager, DutyLeadership:
			return true
		case DutyDepartmentHead:
			return u.Department != ""
		}
		return false
	}
	switch {
	case u.Username != canonical(u.Username) || u.Username == "":
		return fmt.Errorf("%w: a user name is 2 to 32 of a-z, 0-9, dot, dash and underscore", ErrUser)
	case strings.TrimSpace(u.Name) == "" || utf8.RuneCountInString(u.Name) > maxName:
		return fmt.Errorf("%w: a name has 1 to %d characters", ErrUser, maxName)
	case !utf8.ValidString(u.Name) || strings.ContainsFunc(u.Name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("%w: the name has characters that cannot be shown", ErrUser)
	case !slices.Contains(Roles, u.Role):
		return fmt.Errorf("%w: no such role", ErrUser)
	case u.Department != "" && !slices.Contains(tickets.Departments, u.Department):
		return fmt.Errorf("%w: no such department", ErrUser)
	case u.Department != "" && u.Role != RoleAgent:
		return fmt.Errorf("%w: only agents belong to a department", ErrUser)
	case slices.ContainsFunc(u.Duties, func(d Duty) bool { return !duty(d) }):
		return fmt.Errorf("%w: no such duty, or a department head without department", ErrUser)
	}
	return nil
}
