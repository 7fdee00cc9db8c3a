-- +goose Up
-- Times are Unix milliseconds, 0 means never happened. Enumerations are the
-- words of the packages tickets, channels, kb and auth.

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    username      TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    department    TEXT NOT NULL DEFAULT '',
    duties        TEXT NOT NULL DEFAULT '',
    password_hash TEXT NOT NULL,
    disabled      BOOLEAN NOT NULL DEFAULT FALSE,
    created_at    INTEGER NOT NULL
);

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    csrf       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    ip         TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE login_failures (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL,
    ip       TEXT NOT NULL,
    at       INTEGER NOT NULL
);
CREATE INDEX login_failures_username ON login_failures (username, at);
CREATE INDEX login_failures_ip ON login_failures (ip, at);

CREATE TABLE customers (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    phone      TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX customers_phone ON customers (phone);

-- One conversation is the thread of one contact (channel, account, contact)
-- and one row of the inbox; what the inbox shows of tickets is copied here.
CREATE TABLE conversations (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    channel       TEXT NOT NULL,
    account       TEXT NOT NULL,
    contact       TEXT NOT NULL,
    name          TEXT NOT NULL DEFAULT '',
    customer_id   INTEGER NOT NULL DEFAULT 0,
    proof         TEXT NOT NULL DEFAULT '',
    proven_at     INTEGER NOT NULL DEFAULT 0,
    state         TEXT NOT NULL,
    assignee_id   INTEGER NOT NULL DEFAULT 0,
    assignee_name TEXT NOT NULL DEFAULT '',
    department    TEXT NOT NULL DEFAULT '',
    ticket_no     TEXT NOT NULL DEFAULT '',
    ticket_state  TEXT NOT NULL DEFAULT '',
    kind          TEXT NOT NULL DEFAULT '',
    category      TEXT NOT NULL DEFAULT '',
    district      TEXT NOT NULL DEFAULT '',
    urgent        BOOLEAN NOT NULL DEFAULT FALSE,
    due_rule      TEXT NOT NULL DEFAULT '',
    due_at        INTEGER NOT NULL DEFAULT 9223372036854775807,
    preview       TEXT NOT NULL DEFAULT '',
    unread        INTEGER NOT NULL DEFAULT 0,
    heard_id      INTEGER NOT NULL DEFAULT 0,
    answered_id   INTEGER NOT NULL DEFAULT 0,
    burst         INTEGER NOT NULL DEFAULT 0,
    memory        TEXT NOT NULL DEFAULT '',
    version       INTEGER NOT NULL DEFAULT 1,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
);
CREATE UNIQUE INDEX conversations_contact ON conversations (channel, account, contact);
CREATE INDEX conversations_recent ON conversations (updated_at DESC, id DESC);
CREATE INDEX conversations_waiting ON conversations (updated_at DESC, id DESC) WHERE state = 'waiting';
CREATE INDEX conversations_bot ON conversations (updated_at DESC, id DESC) WHERE state = 'bot';
CREATE INDEX conversations_resolved ON conversations (updated_at DESC, id DESC) WHERE state = 'resolved';
CREATE INDEX conversations_open ON conversations (updated_at DESC, id DESC) WHERE state IN ('waiting', 'human');
CREATE INDEX conversations_open_due ON conversations (due_at, id) WHERE state IN ('waiting', 'human');
CREATE INDEX conversations_open_category ON conversations (category, updated_at DESC, id DESC) WHERE state IN ('waiting', 'human');
CREATE INDEX conversations_open_category_due ON conversations (category, due_at, id) WHERE state IN ('waiting', 'human');
CREATE INDEX conversations_unanswered ON conversations (updated_at) WHERE heard_id > answered_id AND state IN ('bot', 'waiting');
CREATE INDEX conversations_assignee ON conversations (assignee_id, updated_at DESC, id DESC) WHERE state = 'human';
CREATE INDEX conversations_department ON conversations (department, updated_at DESC, id DESC) WHERE department <> '';

CREATE TABLE visitors (
    token_hash      BLOB PRIMARY KEY,
    contact         TEXT NOT NULL,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    created_at      INTEGER NOT NULL
);

CREATE TABLE messages (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    author          TEXT NOT NULL,
    author_id       INTEGER NOT NULL DEFAULT 0,
    author_name     TEXT NOT NULL DEFAULT '',
    external_id     TEXT,
    kind            TEXT NOT NULL,
    text            TEXT NOT NULL,
    raw             BLOB,
    place           TEXT NOT NULL DEFAULT '',
    attachments     TEXT NOT NULL DEFAULT '',
    ai              BOOLEAN NOT NULL DEFAULT FALSE,
    citations       TEXT NOT NULL DEFAULT '',
    action          TEXT NOT NULL DEFAULT '',
    delivery        TEXT NOT NULL,
    sent_at         INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL
);
CREATE UNIQUE INDEX messages_once ON messages (conversation_id, author, external_id);
CREATE INDEX messages_conversation ON messages (conversation_id, id);
CREATE INDEX messages_leaving ON messages (delivery, id) WHERE delivery IN ('pending', 'sending', 'unknown');

CREATE VIRTUAL TABLE message_search USING fts5 (grams, content = '', contentless_delete = 1, tokenize = 'unicode61', detail = 'none');

CREATE TABLE attachments (
    id              TEXT PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    type            TEXT NOT NULL,
    size            INTEGER NOT NULL,
    width           INTEGER NOT NULL,
    height          INTEGER NOT NULL,
    created_at      INTEGER NOT NULL
);
CREATE INDEX attachments_conversation ON attachments (conversation_id);

CREATE TABLE ticket_numbers (
    day  TEXT PRIMARY KEY,
    last INTEGER NOT NULL
);

CREATE TABLE tickets (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    no               TEXT NOT NULL UNIQUE,
    kind             TEXT NOT NULL,
    category         TEXT NOT NULL,
    application      TEXT NOT NULL DEFAULT '',
    state            TEXT NOT NULL,
    source           TEXT NOT NULL,
    channel          TEXT NOT NULL,
    external_no      TEXT NOT NULL DEFAULT '',
    conversation_id  INTEGER NOT NULL REFERENCES conversations (id),
    customer_id      INTEGER NOT NULL DEFAULT 0,
    contact_name     TEXT NOT NULL DEFAULT '',
    contact_phone    TEXT NOT NULL DEFAULT '',
    anonymous        BOOLEAN NOT NULL DEFAULT FALSE,
    address          TEXT NOT NULL DEFAULT '',
    district         TEXT NOT NULL DEFAULT '',
    street           TEXT NOT NULL DEFAULT '',
    community        TEXT NOT NULL DEFAULT '',
    address_detail   TEXT NOT NULL DEFAULT '',
    description      TEXT NOT NULL,
    urgent           BOOLEAN NOT NULL DEFAULT FALSE,
    confidential     BOOLEAN NOT NULL DEFAULT FALSE,
    department       TEXT NOT NULL DEFAULT '',
    assignee_id      INTEGER NOT NULL DEFAULT 0,
    assignee_name    TEXT NOT NULL DEFAULT '',
    handler_id       INTEGER NOT NULL DEFAULT 0,
    handler_name     TEXT NOT NULL DEFAULT '',
    level            INTEGER NOT NULL DEFAULT 0,
    urges            INTEGER NOT NULL DEFAULT 0,
    master_no        TEXT NOT NULL DEFAULT '',
    received_at      INTEGER NOT NULL,
    received_by      TEXT NOT NULL DEFAULT '',
    contacted_at     INTEGER NOT NULL DEFAULT 0,
    attempts         INTEGER NOT NULL DEFAULT 0,
    last_tried_at    INTEGER NOT NULL DEFAULT 0,
    last_contact     TEXT NOT NULL DEFAULT '',
    contact_via      TEXT NOT NULL DEFAULT '',
    dispatched_at    INTEGER NOT NULL DEFAULT 0,
    signed_at        INTEGER NOT NULL DEFAULT 0,
    arrived_at       INTEGER NOT NULL DEFAULT 0,
    settled_at       INTEGER NOT NULL DEFAULT 0,
    closed_at        INTEGER NOT NULL DEFAULT 0,
    close_basis      TEXT NOT NULL DEFAULT '',
    settlement       TEXT NOT NULL DEFAULT '',
    callback         TEXT NOT NULL DEFAULT '',
    callback_at      INTEGER NOT NULL DEFAULT 0,
    callback_by      INTEGER NOT NULL DEFAULT 0,
    callback_by_name TEXT NOT NULL DEFAULT '',
    callback_tries   INTEGER NOT NULL DEFAULT 0,
    suspended_until  INTEGER NOT NULL DEFAULT 0,
    call_at          INTEGER NOT NULL DEFAULT 0,
    call_phone       TEXT NOT NULL DEFAULT '',
    extension        TEXT NOT NULL DEFAULT '',
    due_at           INTEGER NOT NULL DEFAULT 9223372036854775807,
    event_seq        INTEGER NOT NULL DEFAULT 0,
    version          INTEGER NOT NULL DEFAULT 1,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
);
CREATE UNIQUE INDEX tickets_external ON tickets (source, external_no) WHERE external_no <> '';
CREATE INDEX tickets_conversation ON tickets (conversation_id, id);
CREATE INDEX tickets_recent ON tickets (updated_at DESC, id DESC);
CREATE INDEX tickets_state ON tickets (state, updated_at DESC, id DESC);
CREATE INDEX tickets_assignee ON tickets (assignee_id, state, updated_at DESC, id DESC) WHERE assignee_id <> 0;
CREATE INDEX tickets_department ON tickets (department, state, updated_at DESC, id DESC) WHERE department <> '';
CREATE INDEX tickets_due ON tickets (due_at, id) WHERE due_at < 9223372036854775807;
CREATE INDEX tickets_received ON tickets (received_at, id);
CREATE INDEX tickets_phone ON tickets (contact_phone) WHERE contact_phone <> '';
CREATE INDEX tickets_customer ON tickets (customer_id) WHERE customer_id <> 0;

CREATE TABLE ticket_events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id  INTEGER NOT NULL REFERENCES tickets (id),
    seq        INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id   INTEGER NOT NULL DEFAULT 0,
    actor_name TEXT NOT NULL DEFAULT '',
    kind       TEXT NOT NULL,
    data       TEXT NOT NULL DEFAULT '',
    audit_id   INTEGER NOT NULL
);
CREATE UNIQUE INDEX ticket_events_seq ON ticket_events (ticket_id, seq);
CREATE INDEX ticket_events_audit ON ticket_events (audit_id, id);

CREATE TABLE deadlines (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id    INTEGER NOT NULL REFERENCES tickets (id),
    rule         TEXT NOT NULL,
    clause       TEXT NOT NULL,
    round        INTEGER NOT NULL,
    start_at     INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    legal_due_at INTEGER NOT NULL DEFAULT 0,
    extended_to  INTEGER NOT NULL DEFAULT 0,
    step         INTEGER NOT NULL DEFAULT 0,
    next_at      INTEGER NOT NULL DEFAULT 0,
    warned_at    INTEGER NOT NULL DEFAULT 0,
    met_at       INTEGER NOT NULL DEFAULT 0,
    breached_at  INTEGER NOT NULL DEFAULT 0,
    ended_at     INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX deadlines_once ON deadlines (ticket_id, rule, round);
CREATE INDEX deadlines_next ON deadlines (next_at, id) WHERE next_at > 0;

CREATE TABLE notices (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    audience  TEXT NOT NULL,
    ticket_id INTEGER NOT NULL REFERENCES tickets (id),
    ticket_no TEXT NOT NULL,
    rule      TEXT NOT NULL,
    clause    TEXT NOT NULL,
    kind      TEXT NOT NULL,
    after_ms  INTEGER NOT NULL,
    key       TEXT NOT NULL,
    due_at    INTEGER NOT NULL,
    at        INTEGER NOT NULL
);
CREATE UNIQUE INDEX notices_once ON notices (key);
CREATE INDEX notices_audience ON notices (audience, id DESC);

CREATE TABLE articles (
    id         TEXT NOT NULL,
    version    INTEGER NOT NULL,
    status     TEXT NOT NULL,
    body       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE remembered (
    user_id    INTEGER NOT NULL,
    key        TEXT NOT NULL,
    request    BLOB NOT NULL,
    status     INTEGER NOT NULL,
    body       BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX remembered_created ON remembered (created_at);

CREATE TABLE tallies (
    id  INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    at  INTEGER NOT NULL
);
CREATE INDEX tallies_since ON tallies (key, at);

CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id   INTEGER NOT NULL,
    actor_name TEXT NOT NULL,
    ip         TEXT NOT NULL,
    action     TEXT NOT NULL,
    object     TEXT NOT NULL,
    result     TEXT NOT NULL,
    request_id TEXT NOT NULL,
    digest     BLOB NOT NULL,
    hash       BLOB NOT NULL
);
CREATE INDEX audit_at ON audit (at, id);

CREATE TABLE audit_head (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    last_id INTEGER NOT NULL,
    hash    BLOB NOT NULL
);
INSERT INTO audit_head (one, last_id, hash) VALUES (1, 0, x'');

-- What happened stays as it was written.
-- +goose StatementBegin
CREATE TRIGGER ticket_events_no_update BEFORE UPDATE ON ticket_events BEGIN
    SELECT RAISE(ABORT, 'ticket_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ticket_events_no_delete BEFORE DELETE ON ticket_events BEGIN
    SELECT RAISE(ABORT, 'ticket_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'audit is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'audit is append-only');
END;
-- +goose StatementEnd
