-- +goose Up
-- What was asked for, or about to be said, and must not be (T75): never its
-- text. Kept for a year.
CREATE TABLE content_incidents (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    at              INTEGER NOT NULL,
    category        TEXT NOT NULL,
    asked           BOOLEAN NOT NULL,
    model           TEXT NOT NULL DEFAULT '',
    prompt          TEXT NOT NULL DEFAULT '',
    conversation_id INTEGER NOT NULL,
    message_id      INTEGER NOT NULL
);
CREATE INDEX content_incidents_at ON content_incidents (at);
