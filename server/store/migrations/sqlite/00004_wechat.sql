-- +goose Up
-- What WeChat pushes. A push is one row however often it comes; while somebody
-- holds its line open, until waiting_until, the answer is left to it.

CREATE TABLE wechat_accounts (
    name       TEXT PRIMARY KEY,
    body       TEXT NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1,
    updated_at INTEGER NOT NULL
);

CREATE TABLE wechat_pushes (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    account         TEXT NOT NULL,
    openid          TEXT NOT NULL,
    once            TEXT NOT NULL,
    kind            TEXT NOT NULL,
    conversation_id INTEGER NOT NULL DEFAULT 0,
    message_id      INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 1,
    waiting_until   INTEGER NOT NULL DEFAULT 0,
    reply_ids       TEXT NOT NULL DEFAULT '',
    reply           TEXT NOT NULL DEFAULT '',
    created_at      INTEGER NOT NULL
);
CREATE UNIQUE INDEX wechat_pushes_once ON wechat_pushes (account, openid, once);
CREATE INDEX wechat_pushes_waiting ON wechat_pushes (conversation_id, waiting_until);
CREATE INDEX wechat_pushes_created ON wechat_pushes (created_at);

-- What was WeChat's and could not be read: nobody was answered.
CREATE TABLE wechat_dead_letters (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    TEXT NOT NULL,
    reason     TEXT NOT NULL,
    digest     TEXT NOT NULL,
    body       BLOB NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX wechat_dead_letters_once ON wechat_dead_letters (account, digest);

-- Files that are still at WeChat, which keeps them for three days: waiting to
-- be copied, hearing (and put into words), kept or lost.
CREATE TABLE wechat_media (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id      INTEGER NOT NULL REFERENCES messages (id),
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    account         TEXT NOT NULL,
    media_id        TEXT NOT NULL,
    url             TEXT NOT NULL DEFAULT '',
    kind            TEXT NOT NULL,
    format          TEXT NOT NULL DEFAULT '',
    state           TEXT NOT NULL,
    tries           INTEGER NOT NULL DEFAULT 0,
    attachment      TEXT NOT NULL DEFAULT '',
    words           TEXT NOT NULL DEFAULT '',
    created_at      INTEGER NOT NULL,
    next_at         INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX wechat_media_message ON wechat_media (message_id);
CREATE INDEX wechat_media_next ON wechat_media (next_at, id) WHERE state IN ('waiting', 'hearing');

-- Web pages opened inside WeChat: the way out and back, once each.
CREATE TABLE wechat_visits (
    state_hash BLOB PRIMARY KEY,
    account    TEXT NOT NULL,
    page       TEXT NOT NULL,
    used       BOOLEAN NOT NULL DEFAULT FALSE,
    created_at INTEGER NOT NULL
);
CREATE INDEX wechat_visits_created ON wechat_visits (created_at);

CREATE TABLE wechat_sessions (
    token_hash      BLOB PRIMARY KEY,
    account         TEXT NOT NULL,
    openid          TEXT NOT NULL,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    created_at      INTEGER NOT NULL
);
CREATE INDEX wechat_sessions_created ON wechat_sessions (created_at);

-- The water accounts (户号) a resident has named on a page inside WeChat.
CREATE TABLE wechat_bindings (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    account_no      TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, account_no)
);
