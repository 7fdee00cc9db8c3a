package auth

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestT42Passwords(t *testing.T) {
	for _, c := range []struct {
		name, password string
		ok             bool
	}{
		{"ten characters of three classes", "quiet7Fern", true},
		{"lower case, digits and signs", "quiet-7-fern", true},
		{"Han counts as others", "quiet7泉城大明湖边", true},
		{"nine characters", "quiet7Fer", false},
		{"ten bytes are not ten characters", "泉城a1B", false},
		{"two classes", "quietfern77", false},
		{"257 bytes", strings.Repeat("quiet7Fern", 25) + "1234567", false},
		{"the user name inside", "my-LinXY-2026", false},
		{"the same again and again", "Aa1Aa1Aa1Aa1", false},
		{"a common word with digits", "Password2026", false},
		{"a common word with signs for letters", "P@ssw0rd2026!", false},
		{"a keyboard row", "1qaz@WSX3edc", false},
		{"the city and a year", "Jinan@202601", false},
		{"Aa and a row of digits", "Aa123456789", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := CheckPassword("linxy", c.password)
			if c.ok && err != nil || !c.ok && !errors.Is(err, ErrPassword) {
				t.Errorf("CheckPassword(%q): %v, want ok %t", c.password, err, c.ok)
			}
		})
	}
}

func TestAccountsThatCannotBeMade(t *testing.T) {
	fine := User{Username: "chen", Name: "陈志强", Role: RoleAgent, Department: "管网运行部", Duties: []Duty{DutyDepartmentHead}}
	for _, c := range []struct {
		name   string
		change func(u *User)
		ok     bool
	}{
		{"a department's head", func(*User) {}, true},
		{"a supervisor with duties", func(u *User) {
			*u = User{Username: "sun", Name: "孙建国", Role: RoleSupervisor, Duties: []Duty{DutyManager, DutyLeadership}}
		}, true},
		{"a name that exists", func(u *User) { u.Username = "linxy" }, false},
		{"an upper-case user name", func(u *User) { u.Username = "Chen" }, false},
		{"a user name with a line break", func(u *User) { u.Username = "chen\n" }, false},
		{"no user name", func(u *User) { u.Username = "" }, false},
		{"no name", func(u *User) { u.Name = "  " }, false},
		{"a name with a right-to-left override", func(u *User) { u.Name = "陈\u202e强" }, false},
		{"a name of 33 characters", func(u *User) { u.Name = strings.Repeat("陈", 33) }, false},
		{"an unknown role", func(u *User) { u.Role = "root" }, false},
		{"an unknown department", func(u *User) { u.Department = "管网部" }, false},
		{"a supervisor in a department", func(u *User) { u.Role = RoleSupervisor }, false},
		{"an unknown duty", func(u *User) { u.Duties = []Duty{"king"} }, false},
		{"a department head without department", func(u *User) { u.Department = "" }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Options{})
			u := fine
			c.change(&u)
			_, err := w.gate.AddUser(t.Context(), chief, u, "Daming-lake-2026")
			if c.ok && err != nil || !c.ok && !errors.Is(err, ErrUser) {
				t.Errorf("AddUser: %v, want ok %t", err, c.ok)
			}
			if entries := len(w.trail); c.ok != (entries == 1) {
				t.Errorf("%d audit entries", entries)
			}
		})
	}
}

func TestAWeakPasswordIsRefusedEverywhere(t *testing.T) {
	w := newWorld(t, Options{})
	_, err := w.gate.AddUser(t.Context(), chief, User{Username: "chen", Name: "陈志强", Role: RoleAgent}, "short")
	if !errors.Is(err, ErrPassword) {
		t.Errorf("AddUser: %v, want ErrPassword", err)
	}
	if err := w.gate.SetPassword(t.Context(), chief, "linxy", "short"); !errors.Is(err, ErrPassword) {
		t.Errorf("SetPassword: %v, want ErrPassword", err)
	}
	if err := w.gate.SetPassword(t.Context(), chief, "nobody", good); !errors.Is(err, ErrUser) {
		t.Errorf("SetPassword of nobody: %v, want ErrUser", err)
	}
	w.enter(t)
}

func TestANewPasswordReplacesTheOldOne(t *testing.T) {
	w := newWorld(t, Options{})
	if err := w.gate.SetPassword(t.Context(), chief, "linxy", "Another-2026-key"); err != nil {
		t.Fatalf("SetPassword: %v", err)
	}
	if err := w.login(t, "linxy", good); !errors.Is(err, ErrLogin) {
		t.Errorf("old password: %v, want ErrLogin", err)
	}
	if err := w.login(t, "linxy", "Another-2026-key"); err != nil {
		t.Errorf("new password: %v", err)
	}
	if e := w.trail[0]; e.Action != "user.password" || e.Object != "linxy" || e.Actor.ID != chief.ID {
		t.Errorf("audit entry %+v", e)
	}
}

func TestDemoPeopleAreMadeOnce(t *testing.T) {
	w := newWorld(t, Options{})
	made, err := w.gate.Demo(t.Context(), "")
	if err != nil || len(made) < 16 {
		t.Fatalf("Demo: %q, %v", made, err)
	}
	for _, u := range demoPeople() {
		if err := valid(u); err != nil {
			t.Errorf("%s: %v", u.Username, err)
		}
		if err := w.login(t, u.Username, made); err != nil {
			t.Errorf("login of %s: %v", u.Username, err)
		}
	}
	if again, err := w.gate.Demo(t.Context(), ""); again != "" || err != nil {
		t.Errorf("second time: %q, %v", again, err)
	}
	if err := w.login(t, "agent", made); err != nil {
		t.Errorf("the password changed: %v", err)
	}
}

func TestAGivenDemoPasswordIsThePassword(t *testing.T) {
	w := newWorld(t, Options{})
	for _, password := range []string{"demo", "demo", "other"} {
		if made, err := w.gate.Demo(t.Context(), password); made != "" || err != nil {
			t.Fatalf("Demo(%q): %q, %v", password, made, err)
		}
		for _, u := range demoPeople() {
			if err := w.login(t, u.Username, password); err != nil {
				t.Errorf("login of %s with %q: %v", u.Username, password, err)
			}
		}
	}
	puts := slices.DeleteFunc(slices.Clone(w.trail), func(e Entry) bool { return e.Action != "user.demo" })
	if len(puts) != 2*len(demoPeople()) {
		t.Errorf("%d accounts written, want each twice: made, and when the password changed", len(puts))
	}
}
