package auth

import (
	"slices"
	"testing"
)

// actions lists every action, so that a new one must join the matrix.
var actions = []Action{
	ReadInbox, WriteInbox, ReadTickets, MoveTickets, Supervise, ReadLedger,
	ExportLedger, RevealPhone, ReadAudit, ManagePeople, EditArticles,
	ReadArticles, PublishArticles, ReadQuestions, ReadModelCalls, ReportCalls, ImportOrders,
}

func TestEveryRoleMayDoExactlyThis(t *testing.T) {
	// One column an action, in the order above.
	for role, row := range map[Role]string{
		RoleAgent:         "yyyy---y-------y-",
		RoleLead:          "yyyyyy-y-------yy",
		RoleSupervisor:    "yyyyyyyyy--yyyyyy",
		RoleAdministrator: "---------y-yy-yy-",
		RoleEditor:        "----------yyyy---",
		RoleAuditor:       "-----y--y--y--y--",
		"nobody":          "-----------------",
	} {
		for i, a := range actions {
			if want := row[i] == 'y'; (User{Role: role}).Can(a) != want {
				t.Errorf("%s may %s: want %t", role, a, want)
			}
			if (User{Role: role, Disabled: true}).Can(a) {
				t.Errorf("a disabled %s may %s", role, a)
			}
		}
	}
	if len(may) != len(Roles) {
		t.Errorf("%d roles have actions, %d exist", len(may), len(Roles))
	}
	for _, as := range may {
		for _, a := range as {
			if !slices.Contains(actions, a) {
				t.Errorf("%s is not in the matrix", a)
			}
		}
	}
}

func TestT88NobodyBothManagesPeopleAndReadsTickets(t *testing.T) {
	for _, r := range Roles {
		u := User{Role: r}
		if u.Can(ManagePeople) && (u.Can(ReadTickets) || u.Can(ReadAudit)) {
			t.Errorf("%s manages people and reads what they do", r)
		}
	}
}

func TestScopesFollowRoleAndDepartment(t *testing.T) {
	for _, c := range []struct {
		name string
		user User
		all  bool
		of   string
	}{
		{"an agent of the desk sees every ticket", User{ID: 1, Role: RoleAgent}, true, ""},
		{"a handler sees those of the department", User{ID: 1, Role: RoleAgent, Department: "管网运行部"}, false, "管网运行部"},
		{"a lead sees every ticket", User{ID: 1, Role: RoleLead}, true, ""},
		{"a supervisor sees every ticket", User{ID: 1, Role: RoleSupervisor}, true, ""},
		{"an auditor sees every row of the ledger", User{ID: 1, Role: RoleAuditor}, true, ""},
		{"an administrator sees none", User{ID: 1, Role: RoleAdministrator}, false, ""},
		{"an editor sees none", User{ID: 1, Role: RoleEditor}, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.user.Scope(); got.All != c.all || got.Department != c.of || got.UserID != 1 {
				t.Errorf("Scope() = %+v", got)
			}
		})
	}
}

func TestNoticesFindTheirPeople(t *testing.T) {
	for _, c := range []struct {
		name string
		user User
		want []string
	}{
		{"an agent of the desk", User{ID: 1, Role: RoleAgent}, []string{"user:1", "role:agent"}},
		{
			"a handler hears of own tickets, not of the desk's",
			User{ID: 2, Role: RoleAgent, Department: "管网运行部"},
			[]string{"user:2", "team:管网运行部"},
		},
		{
			"the head of a department",
			User{ID: 3, Role: RoleAgent, Department: "管网运行部", Duties: []Duty{DutyDepartmentHead}},
			[]string{"user:3", "department:管网运行部", "team:管网运行部"},
		},
		{"a lead", User{ID: 4, Role: RoleLead}, []string{"user:4", "role:lead"}},
		{
			"a lead who is the manager",
			User{ID: 5, Role: RoleLead, Duties: []Duty{DutyManager}},
			[]string{"user:5", "role:lead", "duty:manager"},
		},
		{
			"a supervisor stands in for vacant posts",
			User{ID: 6, Role: RoleSupervisor},
			[]string{"user:6", "role:supervisor", "duty:manager", "duty:leadership"},
		},
		{"an editor", User{ID: 7, Role: RoleEditor, Duties: []Duty{DutyManager}}, nil},
		{"a disabled supervisor", User{ID: 8, Role: RoleSupervisor, Disabled: true}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.user.Audiences(); !slices.Equal(got, c.want) {
				t.Errorf("Audiences() = %q, want %q", got, c.want)
			}
		})
	}
}
