package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"quandesk/server/config"
	"quandesk/server/store"
)

// seal gives the store the key that closes secrets: that of the settings, or
// one that is made once and kept in the data folder.
func seal(s *store.Store, cfg config.Config) error {
	key := []byte(cfg.SecretKey)
	if len(key) == 0 {
		var err error
		if key, err = keptKey(filepath.Join(cfg.Data, "secret.key")); err != nil {
			return err
		}
	}
	return s.Seal(key)
}

func keptKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if err == nil && len(key) > 0 {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the key for secrets: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("keep the key for secrets: %w", err)
	}
	key = []byte(rand.Text() + rand.Text())
	temp := path + "." + rand.Text()
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep the key for secrets: %w", err)
	}
	defer os.Remove(temp)
	_, err = f.Write(key)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("keep the key for secrets: %w", err)
	}
	// Whoever is first has it; another process that starts now takes that one.
	if err := os.Link(temp, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("keep the key for secrets: %w", err)
	}
	return os.ReadFile(path)
}
