package channels

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// large is how many bytes of memory an image must take for them to be given
// back at once; an ordinary photo takes less.
const large = 48 << 20

// queue is how long an image waits for those before it.
const queue = 2 * time.Second

// Images keeps cleaned images in a folder, one file each under its id. The
// rows that say whose they are live elsewhere. It may be used by several
// goroutines and several processes.
type Images struct {
	root *os.Root
	slot chan struct{} // held while an image is decoded
}

// NewImages opens the folder and makes it when it is missing.
func NewImages(dir string) (*Images, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make image folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open image folder: %w", err)
	}
	return &Images{root: root, slot: make(chan struct{}, 1)}, nil
}

// Close gives the folder back.
func (s *Images) Close() error {
	if err := s.root.Close(); err != nil {
		return fmt.Errorf("close image folder: %w", err)
	}
	return nil
}

// Put cleans an image and keeps it; it is durable when Put returns. Errors
// are those of CleanImage and of the disk. One image is decoded at a time, so
// that memory stays below maxMemory; ctx ends the wait for that, not the work.
func (s *Images) Put(ctx context.Context, r io.Reader) (Attachment, error) {
	raw, err := readImage(r)
	if err != nil {
		return Attachment{}, err
	}
	data, a, err := s.clean(ctx, raw)
	if err != nil {
		return Attachment{}, err
	}
	if err := s.write(a.ID, data); err != nil {
		return Attachment{}, err
	}
	return a, nil
}

// ErrNotRecording is returned for a file that is neither sound nor film.
var ErrNotRecording = errors.New("channels: not a recording")

// Keep keeps a recording as it came: nothing of ours plays it, staff download
// it. kind was found by its first bytes.
func (s *Images) Keep(kind string, data []byte) (Attachment, error) {
	if !strings.HasPrefix(kind, "audio/") && !strings.HasPrefix(kind, "video/") {
		return Attachment{}, ErrNotRecording
	}
	if len(data) > MaxImage {
		return Attachment{}, ErrTooBig
	}
	a := Attachment{ID: newImageID(), Type: kind, Size: int64(len(data))}
	return a, s.write(a.ID, data)
}

func (s *Images) clean(ctx context.Context, raw []byte) ([]byte, Attachment, error) {
	_, memory, err := inspect(raw)
	if err != nil {
		return nil, Attachment{}, err // without waiting
	}
	waiting, cancel := context.WithTimeout(ctx, queue)
	defer cancel()
	select {
	case s.slot <- struct{}{}:
	case <-waiting.Done():
		return nil, Attachment{}, fmt.Errorf("wait to decode: %w", waiting.Err())
	}
	defer func() { <-s.slot }()
	if memory > large {
		// Ten in a row would otherwise pile up to twice what one takes.
		defer debug.FreeOSMemory()
	}
	return cleanImage(raw)
}

// write never leaves half an image under its id.
func (s *Images) write(id string, data []byte) error {
	temp := id + ".part"
	f, err := s.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("create image: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = s.root.Rename(temp, id)
	}
	if err != nil {
		return fmt.Errorf("write image: %w", errors.Join(err, s.root.Remove(temp)))
	}
	return s.sync()
}

// sync makes the name durable, not only the content.
func (s *Images) sync() error {
	dir, err := s.root.Open(".")
	if err != nil {
		return fmt.Errorf("open image folder: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("sync image folder: %w", err)
	}
	return nil
}

// Open returns the image with this id; close it. ErrAttachment when there is
// none or the id is none. Whether somebody may see it is not asked here.
func (s *Images) Open(id string) (*os.File, error) {
	if !imageID(id) {
		return nil, ErrAttachment
	}
	f, err := s.root.Open(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAttachment
	}
	if err != nil {
		return nil, fmt.Errorf("open image: %w", err)
	}
	return f, nil
}

// Remove deletes an image for good (PIPL, art. 47). Removing one that is not
// there is not an error.
func (s *Images) Remove(id string) error {
	if !imageID(id) {
		return ErrAttachment
	}
	if err := s.root.Remove(id); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove image: %w", err)
	}
	return nil
}

// imageID reports whether id is 32 hex digits in lower case and nothing else.
func imageID(id string) bool {
	if len(id) != 32 {
		return false
	}
	for _, r := range id {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}
