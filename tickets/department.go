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

// Outlets are where residents are served in person (营业网点). Any of them
// registers any business (5.1, R37); a ticket remembers which one did.
// Callers must not change the slice.
var Outlets = []string{
	"历下营业厅", "市中营业厅", "槐荫营业厅", "天桥营业厅", "历城营业厅",
	"高新营业厅", "长清营业厅", "章丘营业厅", "政务服务中心窗口",
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
