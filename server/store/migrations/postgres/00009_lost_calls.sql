-- +goose Up
-- A call whose end no exchange tells is given up after a time.

ALTER TABLE calls ADD COLUMN lost BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX calls_unended ON calls (updated_at, id) WHERE ended_at = 0;
