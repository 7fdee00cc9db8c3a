package hotline12345

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"quandesk/tickets"
)

// UploadState is how far a file of orders has come.
type UploadState string

// The states of an upload.
const (
	Uploaded UploadState = "read"    // shown, nothing imported yet
	Imported UploadState = "done"    // taken as a whole
	Dropped  UploadState = "dropped" // not taken
)

// ErrTaken is returned for an upload that was imported or dropped before.
var ErrTaken = errors.New("hotline12345: the upload is done with")

// Upload is a file of orders that somebody has sent, as it is shown before it
// is imported.
type Upload struct {
	ID          int64
	Name        string
	Digest      []byte // SHA-256 of the file
	State       UploadState
	Lines       []Shown
	Notes       []string
	Counts      Counts
	Result      map[Outcome]int // once it is imported
	By          tickets.Actor
	CreatedAt   time.Time
	ConfirmedAt time.Time
}

// Shown is what a preview shows of a line; who and where the caller is, is no
// part of it.
type Shown struct {
	Where    string   `json:"where"`
	Verdict  Verdict  `json:"verdict"`
	No       string   `json:"no,omitempty"`
	Mail     Mail     `json:"mail"`
	Gist     string   `json:"gist,omitempty"`
	TicketNo string   `json:"ticket_no,omitempty"`
	Why      string   `json:"why,omitempty"`
	Problems []string `json:"problems,omitempty"`
	Hints    []string `json:"hints,omitempty"`
}

// show is a line as a preview has it.
func (l Entry) show() Shown {
	gist := cut(strings.Join(strings.Fields(l.Order.Content), " "), 40)
	if l.Order.Confidential {
		gist = "（保密工单）"
	}
	return Shown{l.Where, l.Verdict, l.Order.No, l.Order.Mail, gist, l.TicketNo, l.Why, l.Problems, l.Hints}
}

// Upload reads a file, compares it with what is here and keeps it until
// somebody says that it is to be imported. Errors: *FileError.
func (m *Mailbox) Upload(ctx context.Context, by tickets.Actor, name string, file []byte) (*Upload, error) {
	f, err := m.read(ctx, file)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(file)
	u := &Upload{Name: plainFile(name), Digest: sum[:], State: Uploaded, Notes: f.Notes, Counts: Count(f.Lines), By: by, CreatedAt: m.now()}
	for _, l := range f.Lines {
		u.Lines = append(u.Lines, l.show())
	}
	if err := m.store.PutUpload(ctx, u, file); err != nil {
		return nil, fmt.Errorf("keep upload: %w", err)
	}
	return u, nil
}

func (m *Mailbox) read(ctx context.Context, file []byte) (File, error) {
	f, err := ReadFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return f, err
	}
	return f, m.Compare(ctx, f.Lines)
}

// Confirm imports an upload as a whole. What has arrived since it was shown
// counts: an order that was pushed meanwhile is here. Errors: ErrTaken,
// ErrWrong, ErrImporting.
func (m *Mailbox) Confirm(ctx context.Context, by tickets.Actor, id int64, skip bool) (*Upload, error) {
	file, err := m.store.UploadFile(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("confirm upload: %w", err)
	}
	f, err := m.read(ctx, file)
	if err != nil {
		return nil, err
	}
	_, err = m.importing(ctx, by, f.Lines, skip, func(tx BulkTx, done map[Outcome]int) error {
		return tx.FinishUpload(ctx, id, Imported, done, m.now())
	})
	if err != nil {
		return nil, err
	}
	return m.store.Upload(ctx, id)
}

// Drop gives an upload up: nothing of it is imported. Errors: ErrTaken.
func (m *Mailbox) Drop(ctx context.Context, id int64) error {
	err := m.store.InImport(ctx, func(tx BulkTx) error { return tx.FinishUpload(ctx, id, Dropped, nil, m.now()) })
	if err != nil {
		return fmt.Errorf("drop upload: %w", err)
	}
	return nil
}

// plainFile is the last part of a file's name, as it may be shown.
func plainFile(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(strings.ToValidUTF8(name, "")))
	if i := strings.LastIndexAny(name, "/\\"); i >= 0 {
		name = name[i+1:]
	}
	if name = strings.TrimSpace(name); name == "" {
		return "未命名"
	}
	return cut(name, 80)
}

// resultWords name what became of orders, in the order in which it is told.
var resultWords = []struct {
	is   Outcome
	name string
}{
	{Opened, "新登记工单"}, {Known, "已有、没有变化"}, {Updated, "更新状态"},
	{Conflict, "内容不同、待核对"}, {Urged, "催办"}, {Reopened, "重新办理"},
	{Supervised, "督办"}, {Supplemented, "补充"}, {Parked, "暂存待原工单"},
}

// ResultWords says in Chinese what became of the orders of an imported file.
func (u *Upload) ResultWords() string {
	words := ""
	for _, o := range resultWords {
		if n := u.Result[o.is]; n > 0 {
			words += fmt.Sprintf("%s%d件，", o.name, n)
		}
	}
	if words == "" {
		return "已导入，没有新的内容。"
	}
	return "已导入：" + strings.TrimSuffix(words, "，") + "。"
}
