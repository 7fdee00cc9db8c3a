-- +goose Up
-- What the WeChat account sends: how far a message has come and why not
-- further, what may be sent to whom, surveys, notices, alarms.

-- parts: how many parts of a split text have gone out; why: a word for the
-- agent (channels.Outcome); not_before: when a message that is put off is due.
ALTER TABLE messages ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_queue ON messages (conversation_id, id) WHERE delivery IN ('pending', 'sending', 'held');

CREATE TABLE wechat_allowances (
    account     TEXT NOT NULL,
    openid      TEXT NOT NULL,
    cause       TEXT NOT NULL,
    long_left   INTEGER NOT NULL DEFAULT 0,
    long_until  INTEGER NOT NULL DEFAULT 0,
    short_left  INTEGER NOT NULL DEFAULT 0,
    short_until INTEGER NOT NULL DEFAULT 0,
    closed      BOOLEAN NOT NULL DEFAULT FALSE,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (account, openid)
);

-- One survey per settlement of a ticket; its number makes the numbers of the
-- answers.
CREATE TABLE surveys (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_no       TEXT NOT NULL,
    settled_at      INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    account         TEXT NOT NULL,
    openid          TEXT NOT NULL,
    message_id      INTEGER NOT NULL DEFAULT 0,
    state           TEXT NOT NULL,
    answer          INTEGER NOT NULL DEFAULT 0,
    asked_at        INTEGER NOT NULL,
    answered_at     INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX surveys_once ON surveys (ticket_no, settled_at);
CREATE INDEX surveys_open ON surveys (account, openid, id) WHERE state = 'asked';

-- A notice nudges a resident who cannot be written to; once_key: once ever.
CREATE TABLE wechat_notices (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    once_key        TEXT NOT NULL,
    account         TEXT NOT NULL,
    openid          TEXT NOT NULL,
    conversation_id INTEGER NOT NULL,
    message_id      INTEGER NOT NULL DEFAULT 0,
    ticket_no       TEXT NOT NULL DEFAULT '',
    state           TEXT NOT NULL,
    way             TEXT NOT NULL DEFAULT '',
    way_id          TEXT NOT NULL DEFAULT '',
    why             TEXT NOT NULL DEFAULT '',
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
);
CREATE UNIQUE INDEX wechat_notices_once ON wechat_notices (once_key);
CREATE INDEX wechat_notices_message ON wechat_notices (message_id) WHERE message_id > 0;
CREATE INDEX wechat_notices_way ON wechat_notices (account, way_id) WHERE way_id <> '';
CREATE INDEX wechat_notices_open ON wechat_notices (updated_at) WHERE state IN ('pending', 'sending');

-- What residents accepted to be told, counted per template.
CREATE TABLE wechat_subscriptions (
    account     TEXT NOT NULL,
    openid      TEXT NOT NULL,
    template_id TEXT NOT NULL,
    times       INTEGER NOT NULL DEFAULT 0,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (account, openid, template_id)
);

-- What an administrator has to mend, one row per cause until it is.
CREATE TABLE wechat_alarms (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    TEXT NOT NULL,
    class      TEXT NOT NULL,
    call       TEXT NOT NULL,
    code       INTEGER NOT NULL,
    rid        TEXT NOT NULL DEFAULT '',
    ip         TEXT NOT NULL DEFAULT '',
    times      INTEGER NOT NULL DEFAULT 1,
    first_at   INTEGER NOT NULL,
    last_at    INTEGER NOT NULL,
    cleared_at INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX wechat_alarms_open ON wechat_alarms (account, class, ip) WHERE cleared_at = 0;

-- QR codes with scenes.
CREATE TABLE wechat_scenes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    TEXT NOT NULL,
    scene      TEXT NOT NULL,
    title      TEXT NOT NULL,
    url        TEXT NOT NULL,
    ticket     TEXT NOT NULL,
    until      INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX wechat_scenes_once ON wechat_scenes (account, scene);

-- Files of ours that WeChat holds for three days.
CREATE TABLE wechat_uploads (
    account       TEXT NOT NULL,
    attachment_id TEXT NOT NULL,
    media_id      TEXT NOT NULL,
    until         INTEGER NOT NULL,
    PRIMARY KEY (account, attachment_id)
);
