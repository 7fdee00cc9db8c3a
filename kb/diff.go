package kb

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Op is what became of a piece of text.
type Op string

// The operations.
const (
	Kept    Op = "kept"
	Removed Op = "removed"
	Added   Op = "added"
)

// Piece is a run of text that one operation was done to.
type Piece struct {
	Op   Op
	Text string
}

// FieldDiff is how one field of an article changed.
type FieldDiff struct {
	Field  string // as in Article's YAML
	Pieces []Piece
}

// Compare lists the fields in which two versions of an article differ. Texts
// are compared character by character, lists line by line.
func Compare(old, fresh Article) []FieldDiff {
	var out []FieldDiff
	add := func(field string, pieces []Piece) {
		if slices.ContainsFunc(pieces, func(p Piece) bool { return p.Op != Kept }) {
			out = append(out, FieldDiff{field, pieces})
		}
	}
	text := func(field, a, b string) { add(field, diff(strings.Split(a, ""), strings.Split(b, ""))) }
	list := func(field string, a, b []string) { add(field, diff(ended(a), ended(b))) }
	text("title", old.Title, fresh.Title)
	text("short", old.Short, fresh.Short)
	text("details", old.Details, fresh.Details)
	text("next", old.Next, fresh.Next)
	text("clause", old.Clause, fresh.Clause)
	list("also", old.Also, fresh.Also)
	text("source", old.Source, fresh.Source)
	list("questions", old.Questions, fresh.Questions)
	list("keywords", old.Keywords, fresh.Keywords)
	add("verified", diff([]string{strconv.FormatBool(old.Verified)}, []string{strconv.FormatBool(fresh.Verified)}))
	add("open", diff([]string{strconv.FormatBool(old.Open)}, []string{strconv.FormatBool(fresh.Open)}))
	add("valid_from", diff(day(old.ValidFrom), day(fresh.ValidFrom)))
	add("valid_to", diff(day(old.ValidTo), day(fresh.ValidTo)))
	return out
}

// day is a date as it was set; nothing for none.
func day(t time.Time) []string {
	if t.IsZero() {
		return nil
	}
	return []string{t.Format(time.DateOnly)}
}

// ended gives every line its end.
func ended(list []string) []string {
	out := make([]string, len(list))
	for i, line := range list {
		out[i] = line + "\n"
	}
	return out
}

// mostCells bounds the work on two texts: articles are far below it.
const mostCells = 6_000_000

// diff is the longest common subsequence of two lists of tokens.
func diff(a, b []string) []Piece {
	var p pieces
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	p.add(Kept, a[:head]...)
	a, b = a[head:], b[head:]
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	end := a[len(a)-tail:]
	a, b = a[:len(a)-tail], b[:len(b)-tail]
	if len(a)*len(b) > mostCells {
		p.add(Removed, a...)
		p.add(Added, b...)
	} else {
		p.middle(a, b)
	}
	p.add(Kept, end...)
	return p
}

type pieces []Piece

func (p *pieces) add(op Op, tokens ...string) {
	for _, t := range tokens {
		if n := len(*p); n > 0 && (*p)[n-1].Op == op {
			(*p)[n-1].Text += t
			continue
		}
		*p = append(*p, Piece{op, t})
	}
}

func (p *pieces) middle(a, b []string) {
	// common[i][j] is how much a[i:] and b[j:] share.
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			p.add(Kept, a[i])
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			p.add(Removed, a[i])
			i++
		default:
			p.add(Added, b[j])
			j++
		}
	}
	p.add(Removed, a[i:]...)
	p.add(Added, b[j:]...)
}
