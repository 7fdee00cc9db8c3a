package tickets

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// longestOutlet is how many characters the name of an outlet may have.
const longestOutlet = 50

// Outlets are where residents are served in person (营业网点), in the order
// screens offer them; data of the rules table. Any of them registers any
// business (5.1, R37), and a ticket remembers which one did, by name: one that
// has closed since stays what it was in the ledger.
func (r *Rules) Outlets() []string { return slices.Clone(r.outlets) }

// setOutlets replaces the list as a whole; nil leaves it as it is.
func (r *Rules) setOutlets(names []string) error {
	if names == nil {
		return nil
	}
	for i, name := range names {
		switch {
		case name == "" || strings.TrimSpace(name) != name:
			return fmt.Errorf("%w: outlet %d: a name without blanks around it is required", ErrRules, i+1)
		case utf8.RuneCountInString(name) > longestOutlet:
			return fmt.Errorf("%w: outlet %d: the name is longer than %d characters", ErrRules, i+1, longestOutlet)
		case slices.Contains(names[:i], name):
			return fmt.Errorf("%w: outlet %q is there twice", ErrRules, name)
		}
	}
	r.outlets = slices.Clone(names)
	return nil
}

// outlet checks where a ticket is registered: at an outlet that is there.
func (r *Rules) outlet(name string) error {
	if name != "" && !slices.Contains(r.outlets, name) {
		return &InputError{"outlet", Invalid}
	}
	return nil
}
