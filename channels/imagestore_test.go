package channels

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func newImages(t *testing.T) (*Images, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a", "images")
	s, err := NewImages(dir)
	if err != nil {
		t.Fatalf("NewImages: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func TestAnImageIsKeptUnderItsID(t *testing.T) {
	s, dir := newImages(t)
	a, err := s.Put(t.Context(), bytes.NewReader(jpegOf(t, picture(40, 30))))
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	f, err := s.Open(a.ID)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil || int64(len(data)) != a.Size || !bytes.HasPrefix(data, []byte("\xff\xd8\xff")) {
		t.Errorf("read %d bytes of %+v, %v", len(data), a, err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 1 || names[0].Name() != a.ID {
		t.Errorf("the folder has %v, %v", names, err)
	}
}

func TestWhatIsRefusedLeavesNothing(t *testing.T) {
	s, dir := newImages(t)
	if _, err := s.Put(t.Context(), strings.NewReader("<html>")); !errors.Is(err, ErrNotImage) {
		t.Errorf("Put: %v, want ErrNotImage", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.slot <- struct{}{} // somebody else's image is being decoded
	if _, err := s.Put(ctx, bytes.NewReader(jpegOf(t, picture(4, 4)))); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v, want the context's error", err)
	}
	<-s.slot
	if names, _ := os.ReadDir(dir); len(names) != 0 {
		t.Errorf("the folder has %v", names)
	}
}

func TestT16OnlyIDsOpenFiles(t *testing.T) {
	s, dir := newImages(t)
	const id = "0123456789abcdef0123456789abcdef"
	secret := filepath.Join(filepath.Dir(dir), id)
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, id)); err != nil {
		t.Fatal(err)
	}
	if f, err := s.Open(id); err == nil {
		_ = f.Close()
		t.Error("a link led out of the folder")
	}
	for _, bad := range []string{
		"", ".", "..", "../" + id, id[:31], id + "0", strings.ToUpper(id), id + ".part", "./" + id[2:],
		"..%2f" + id[5:], id[:31] + "\x00", id[:31] + "/", "0123456789abcdef0123456789abcdeｆ",
		"ffffffffffffffffffffffffffffffff",
	} {
		if f, err := s.Open(bad); !errors.Is(err, ErrAttachment) {
			if err == nil {
				_ = f.Close()
			}
			t.Errorf("Open(%q): %v, want ErrAttachment", bad, err)
		}
	}
}

func TestARemovedImageIsGone(t *testing.T) {
	s, _ := newImages(t)
	a, err := s.Put(t.Context(), bytes.NewReader(jpegOf(t, picture(40, 30))))
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	for range 2 {
		if err := s.Remove(a.ID); err != nil {
			t.Errorf("Remove: %v", err)
		}
	}
	if _, err := s.Open(a.ID); !errors.Is(err, ErrAttachment) {
		t.Errorf("Open: %v, want ErrAttachment", err)
	}
	if err := s.Remove("../" + a.ID); !errors.Is(err, ErrAttachment) {
		t.Errorf("Remove outside: %v, want ErrAttachment", err)
	}
}

func TestManyImagesAtOnce(t *testing.T) {
	s, dir := newImages(t)
	data := jpegOf(t, picture(200, 100))
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if _, err := s.Put(t.Context(), bytes.NewReader(data)); err != nil {
				t.Errorf("Put: %v", err)
			}
		})
	}
	all.Wait()
	if names, _ := os.ReadDir(dir); len(names) != 30 {
		t.Errorf("%d files, want 30", len(names))
	}
}
