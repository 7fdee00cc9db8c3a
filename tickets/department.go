package tickets

import "slices"

// Departments are the departments a ticket can be sent to and a member of
// staff can belong to, in the order screens offer them. The hotline desk
// (客服热线) is none of them: it is the empty department and sees every ticket.
// Callers must not change the slice.
var Departments = []string{
	"管网运行部",
	"水质管理中心",
	"营业服务部",
	"计量表务部",
	"二次供水部",
	"接水报装部",
	"工程管理部",
}

// department checks where a ticket is sent: to a department that exists, or
// nobody would ever find it.
func department(name string) error {
	switch {
	case name == "":
		return &InputError{"department", Missing}
	case !slices.Contains(Departments, name):
		return &InputError{"department", Invalid}
	}
	return nil
}
