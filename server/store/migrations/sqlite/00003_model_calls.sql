-- +goose Up
-- Who worded what the bot said: 'rules', or a model and the version of its
-- prompt. Before this nobody kept it.
ALTER TABLE messages ADD COLUMN origin TEXT NOT NULL DEFAULT '';
UPDATE messages SET origin = 'unrecorded' WHERE author = 'bot';

-- Every call of a model, kept for three years (T84), without any text.
CREATE TABLE model_calls (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    at              INTEGER NOT NULL,
    purpose         TEXT NOT NULL,
    vendor          TEXT NOT NULL,
    model           TEXT NOT NULL,
    prompt          TEXT NOT NULL DEFAULT '',
    data            TEXT NOT NULL DEFAULT '',
    masked          TEXT NOT NULL DEFAULT '',
    conversation_id INTEGER NOT NULL DEFAULT 0,
    message_id      INTEGER NOT NULL DEFAULT 0,
    outcome         TEXT NOT NULL DEFAULT '',
    tokens_in       INTEGER NOT NULL DEFAULT 0,
    tokens_out      INTEGER NOT NULL DEFAULT 0,
    first_token_ms  INTEGER NOT NULL DEFAULT 0,
    took_ms         INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX model_calls_at ON model_calls (at, purpose);
CREATE INDEX model_calls_conversation ON model_calls (conversation_id, at);
CREATE INDEX model_calls_message ON model_calls (message_id) WHERE message_id > 0;

-- Word to administrators that no model answers, at most one in five minutes.
CREATE TABLE model_alerts (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    vendor TEXT NOT NULL,
    model  TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX model_alerts_at ON model_alerts (at);

-- Vectors of texts, so that a start embeds nothing anew. hash is the SHA-256
-- of the text; vector are little-endian 32-bit floats.
CREATE TABLE vectors (
    model      TEXT NOT NULL,
    hash       TEXT NOT NULL,
    vector     BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (model, hash)
);
