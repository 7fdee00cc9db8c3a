package auth

import (
	"slices"
	"strconv"
)

// Audiences are the addresses of notices (tickets.Notice) that concern the
// user:
//
//   - user:ID – what is meant for this person;
//   - role:ROLE – what is meant for the role. role:agent means the hotline
//     desk, so agents of a department do not hear it;
//   - duty:DUTY – what is meant for a post the user holds. Supervisors hear
//     manager and leadership in any case, so that a notice finds somebody
//     when a post is vacant;
//   - department:NAME – for the head of the user's own department;
//   - team:NAME – for everybody of the user's own department.
//
// Those who may not read tickets, and disabled users, hear nothing of them.
func (u User) Audiences() []string {
	if !u.Can(ReadTickets) {
		return nil
	}
	to := []string{"user:" + strconv.FormatInt(u.ID, 10)}
	if u.Department == "" {
		to = append(to, "role:"+string(u.Role))
	}
	for _, d := range []Duty{DutyManager, DutyLeadership} {
		if u.Role == RoleSupervisor || slices.Contains(u.Duties, d) {
			to = append(to, "duty:"+string(d))
		}
	}
	if u.Department != "" && slices.Contains(u.Duties, DutyDepartmentHead) {
		to = append(to, "department:"+u.Department)
	}
	if u.Department != "" {
		to = append(to, "team:"+u.Department)
	}
	return to
}
