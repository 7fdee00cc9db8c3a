// Package auth says who a member of staff is and what they may see and do.
package auth

import (
	"context"
	"errors"
	"slices"
	"time"

	"quandesk/tickets"
)

// Role is what a member of staff is at the desk.
type Role string

// The roles.
const (
	RoleAgent         Role = "agent"         // 坐席 and handlers of departments
	RoleLead          Role = "lead"          // 值班长
	RoleSupervisor    Role = "supervisor"    // 主管
	RoleAdministrator Role = "administrator" // 系统管理员: people and settings, no ticket text
	RoleEditor        Role = "editor"        // 知识编辑
	RoleAuditor       Role = "auditor"       // 审计: reads ledger and audit trail, changes nothing
)

// RoleProgram is no role of people: it is whoever holds a key.
const RoleProgram Role = "program"

// Roles lists every role.
var Roles = []Role{RoleAgent, RoleLead, RoleSupervisor, RoleAdministrator, RoleEditor, RoleAuditor}

// Duty is a post that some notices are addressed to.
type Duty string

// The duties.
const (
	DutyManager        Duty = "manager"         // 客服经理
	DutyLeadership     Duty = "leadership"      // 分管领导
	DutyDepartmentHead Duty = "department_head" // head of the user's own department
)

// User is a member of staff.
type User struct {
	ID         int64
	Username   string
	Name       string
	Role       Role
	Department string // empty: the hotline desk; otherwise sees only its own tickets
	Duties     []Duty
	Extension  string // of the telephone the person sits at; empty: none
	Disabled   bool
	CreatedAt  time.Time
	// KeyScope is of a program, which has no role: the one thing its key lets it do.
	KeyScope Action
}

// Action is something a role may or may not do.
type Action string

// The actions that roles are asked for.
const (
	ReadInbox       Action = "inbox.read"
	WriteInbox      Action = "inbox.write"
	ReadTickets     Action = "tickets.read"
	MoveTickets     Action = "tickets.move"
	Supervise       Action = "tickets.supervise"
	ImportOrders    Action = "orders.import" // files of the 12345 hotline
	ReadLedger      Action = "ledger.read"
	ExportLedger    Action = "ledger.export"
	RevealPhone     Action = "phone.reveal"
	ReadAudit       Action = "audit.read"
	ReadModelCalls  Action = "model.read" // when a model was asked what for; never what was said
	ManagePeople    Action = "people.manage"
	ReadArticles    Action = "kb.read"
	EditArticles    Action = "kb.edit"
	PublishArticles Action = "kb.publish"   // never one's own words: kb.ErrOwn
	ReadQuestions   Action = "kb.questions" // what residents asked in vain
	ReportCalls     Action = "calls.report" // tell what an exchange does; keys may have it
)

var may = map[Role][]Action{
	RoleAgent:         {ReadInbox, WriteInbox, ReadTickets, MoveTickets, RevealPhone, ReportCalls},
	RoleLead:          {ReadInbox, WriteInbox, ReadTickets, MoveTickets, Supervise, ImportOrders, ReadLedger, RevealPhone, ReportCalls},
	RoleSupervisor:    {ReadInbox, WriteInbox, ReadTickets, MoveTickets, Supervise, ImportOrders, ReadLedger, ExportLedger, RevealPhone, ReadAudit, ReadModelCalls, ReadArticles, PublishArticles, ReadQuestions, ReportCalls},
	RoleAdministrator: {ManagePeople, ReadModelCalls, ReadArticles, PublishArticles, ReportCalls},
	RoleEditor:        {ReadArticles, EditArticles, PublishArticles, ReadQuestions},
	RoleAuditor:       {ReadLedger, ReadAudit, ReadModelCalls, ReadArticles},
}

// Can reports whether the user may do the action at all; which rows is the
// business of the scope.
func (u User) Can(a Action) bool {
	if u.Role == RoleProgram {
		return a != "" && a == u.KeyScope
	}
	return !u.Disabled && slices.Contains(may[u.Role], a)
}

// Scope is which tickets the user may see.
func (u User) Scope() tickets.Scope {
	switch u.Role {
	case RoleAgent:
		return tickets.Scope{All: u.Department == "", Department: u.Department, UserID: u.ID}
	case RoleLead, RoleSupervisor, RoleAuditor:
		return tickets.Scope{All: true, UserID: u.ID, Secrets: u.Can(Supervise)}
	}
	return tickets.Scope{UserID: u.ID}
}

// Actor is the user as events remember them.
func (u User) Actor(ip, requestID string) tickets.Actor {
	kind := tickets.ByStaff
	if u.Role == RoleProgram {
		kind = tickets.ByProgram
	}
	return tickets.Actor{
		Kind: kind, ID: u.ID, Name: u.Name, Department: u.Department,
		Supervises: u.Can(Supervise), IP: ip, RequestID: requestID,
	}
}

// Entry is one row of the audit trail: append-only, chained by hashes.
type Entry struct {
	At        time.Time
	Actor     tickets.Actor
	Action    string // login, logout, export, reveal, ticket.move…
	Object    string // a ticket number, a user name, a report; never a phone
	Result    string // ok, or why not
	RequestID string
}

// Trail takes audit entries. Record returns once the entry is durable.
type Trail interface {
	Record(ctx context.Context, e Entry) error
}

// Recorded is an entry as auditors read it back.
type Recorded struct {
	ID int64 // 1, 2, 3… without gaps
	Entry
}

// Reader reads the audit trail.
type Reader interface {
	// Audit returns up to n entries with an id below before, newest first;
	// before 0 starts at the newest.
	Audit(ctx context.Context, before int64, n int) ([]Recorded, error)
}

var (
	// ErrLogin is returned for a wrong name or password, without saying which.
	ErrLogin = errors.New("auth: wrong name or password")
	// ErrLocked is returned while an account is locked after wrong passwords.
	ErrLocked = errors.New("auth: locked for a while")
	// ErrThrottled is returned while an address has tried too often.
	ErrThrottled = errors.New("auth: too many attempts")
	// ErrSession is returned for a session that does not exist or has ended.
	ErrSession = errors.New("auth: no session")
	// ErrUser is returned for an account that cannot be made.
	ErrUser = errors.New("auth: bad account")
	// ErrTaken is returned for an extension at which somebody else sits.
	ErrTaken = errors.New("auth: somebody else has this extension")
	// ErrKey is returned for a key that cannot be made or is not there.
	ErrKey = errors.New("auth: bad key")
)

// Session is one login. Only the hash of its token is stored.
type Session struct {
	UserID    int64
	CSRF      string // to be sent with every form
	CreatedAt time.Time
	SeenAt    time.Time
	IP        string
}

// Store keeps people and sessions.
type Store interface {
	UserByName(ctx context.Context, username string) (u User, passwordHash string, err error) // ErrLogin
	// PutUser inserts or updates by username. A new password hash ends the
	// user's sessions in the same transaction (T40).
	PutUser(ctx context.Context, u User, passwordHash string) (User, error)
	Users(ctx context.Context) ([]User, error)
	OpenSession(ctx context.Context, tokenHash []byte, s Session) error
	Session(ctx context.Context, tokenHash []byte) (Session, User, error) // ErrSession
	TouchSession(ctx context.Context, tokenHash []byte, at time.Time) error
	CloseSession(ctx context.Context, tokenHash []byte) error
	// Failures counts wrong logins since a time, for the account and for the address.
	Failures(ctx context.Context, username, ip string, since time.Time) (account, address int, err error)
	Failed(ctx context.Context, username, ip string, at time.Time) error
	Succeeded(ctx context.Context, username string) error // forgets the account's failures
}
