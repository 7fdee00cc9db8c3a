-- +goose Up
-- Orders of the 12345 hotline. An order is one row beside its ticket; what came
-- about it is kept in order_events as it came. Times are Unix milliseconds,
-- 0 or empty means that the platform did not say.

ALTER TABLE tickets ADD COLUMN order_due INTEGER NOT NULL DEFAULT 0;

CREATE TABLE orders (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    external_no       TEXT NOT NULL,
    ticket_id         INTEGER NOT NULL REFERENCES tickets (id),
    ticket_no         TEXT NOT NULL,
    event_type        TEXT NOT NULL,
    external_status   TEXT NOT NULL DEFAULT '',
    title             TEXT NOT NULL DEFAULT '',
    content           TEXT NOT NULL,
    contact_name      TEXT NOT NULL DEFAULT '',
    contact_phone     TEXT NOT NULL DEFAULT '',
    caller_phone      TEXT NOT NULL DEFAULT '',
    anonymous         BOOLEAN NOT NULL DEFAULT FALSE,
    address_raw       TEXT NOT NULL DEFAULT '',
    area_id           TEXT NOT NULL DEFAULT '',
    region_code       TEXT NOT NULL DEFAULT '',
    is_business_env   BOOLEAN NOT NULL DEFAULT FALSE,
    is_inspection     BOOLEAN NOT NULL DEFAULT FALSE,
    accepted_by       TEXT NOT NULL DEFAULT '',
    origin_channel    TEXT NOT NULL DEFAULT '',
    handling_type     TEXT NOT NULL DEFAULT '',
    demand_type       TEXT NOT NULL DEFAULT '',
    category_path     TEXT NOT NULL DEFAULT '',
    accepted_at       INTEGER NOT NULL DEFAULT 0,
    dispatched_at     INTEGER NOT NULL DEFAULT 0,
    urgency           TEXT NOT NULL DEFAULT '',
    confidential      BOOLEAN NOT NULL DEFAULT FALSE,
    reply_wanted      BOOLEAN NOT NULL DEFAULT FALSE,
    reply_note        TEXT NOT NULL DEFAULT '',
    dispatcher        TEXT NOT NULL DEFAULT '',
    external_due      INTEGER NOT NULL DEFAULT 0,
    due_at            INTEGER NOT NULL,
    return_due        INTEGER NOT NULL DEFAULT 0,
    supervision_level TEXT NOT NULL DEFAULT '',
    dispatch_opinion  TEXT NOT NULL DEFAULT '',
    route_text        TEXT NOT NULL DEFAULT '',
    note              TEXT NOT NULL DEFAULT '',
    handling_unit     TEXT NOT NULL DEFAULT '',
    outcome           TEXT NOT NULL DEFAULT '',
    attachments       TEXT NOT NULL DEFAULT '',
    other_nos         TEXT NOT NULL DEFAULT '',
    duplicate_of      TEXT NOT NULL DEFAULT '',
    flags             TEXT NOT NULL DEFAULT '',
    extra             TEXT NOT NULL DEFAULT '',
    urges             INTEGER NOT NULL DEFAULT 0,
    sent_backs        INTEGER NOT NULL DEFAULT 0,
    redos             INTEGER NOT NULL DEFAULT 0,
    version           INTEGER NOT NULL DEFAULT 1,
    received_at       INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL
);
CREATE UNIQUE INDEX orders_external ON orders (external_no);
CREATE UNIQUE INDEX orders_ticket ON orders (ticket_id);
CREATE INDEX orders_due ON orders (due_at, id);

-- Every number an order goes by: that of the platform and those of others.
CREATE TABLE order_numbers (
    number   TEXT PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id)
);
CREATE INDEX order_numbers_order ON order_numbers (order_id);

-- What came about an order, once each: digest tells one from another.
CREATE TABLE order_events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id   INTEGER NOT NULL REFERENCES orders (id),
    event_type TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    via        TEXT NOT NULL,
    digest     BLOB NOT NULL,
    body       TEXT NOT NULL,
    raw        BLOB,
    changes    TEXT NOT NULL DEFAULT '',
    actor_id   INTEGER NOT NULL DEFAULT 0,
    actor_name TEXT NOT NULL DEFAULT '',
    sent_at    INTEGER NOT NULL DEFAULT 0,
    arrived_at INTEGER NOT NULL,
    at         INTEGER NOT NULL
);
CREATE UNIQUE INDEX order_events_once ON order_events (order_id, event_type, digest);

-- What somebody has decided about an order that came again with other content.
CREATE TABLE order_decisions (
    event_id   INTEGER PRIMARY KEY REFERENCES order_events (id),
    taken      BOOLEAN NOT NULL,
    actor_id   INTEGER NOT NULL,
    actor_name TEXT NOT NULL,
    at         INTEGER NOT NULL
);

-- What came before its order and waits for it.
CREATE TABLE parked (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    external_no TEXT NOT NULL,
    event_type  TEXT NOT NULL,
    via         TEXT NOT NULL,
    digest      BLOB NOT NULL,
    body        TEXT NOT NULL,
    raw         BLOB,
    actor_id    INTEGER NOT NULL DEFAULT 0,
    actor_name  TEXT NOT NULL DEFAULT '',
    arrived_at  INTEGER NOT NULL,
    told_at     INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX parked_once ON parked (external_no, event_type, digest);
CREATE INDEX parked_waiting ON parked (arrived_at) WHERE told_at = 0;

-- Signatures that were used, with what was answered the first time.
CREATE TABLE nonces (
    nonce      TEXT PRIMARY KEY,
    request    BLOB NOT NULL,
    body       TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX nonces_created ON nonces (created_at);

-- Files of orders: read and shown, then taken as a whole or not at all. state:
-- read, done, dropped. The file is kept only while it may still be taken.
CREATE TABLE imports (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL,
    digest       BLOB NOT NULL,
    file         BLOB,
    state        TEXT NOT NULL,
    lines        TEXT NOT NULL,
    notes        TEXT NOT NULL,
    counts       TEXT NOT NULL,
    result       TEXT NOT NULL DEFAULT '',
    actor_id     INTEGER NOT NULL,
    actor_name   TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX imports_recent ON imports (id DESC);

-- A notice may be about something that has no ticket: an order that never came.
CREATE TABLE notices_next (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    audience  TEXT NOT NULL,
    ticket_id INTEGER REFERENCES tickets (id),
    ticket_no TEXT NOT NULL,
    rule      TEXT NOT NULL,
    clause    TEXT NOT NULL,
    kind      TEXT NOT NULL,
    after_ms  INTEGER NOT NULL,
    key       TEXT NOT NULL,
    due_at    INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    words     TEXT NOT NULL DEFAULT ''
);
INSERT INTO notices_next (id, audience, ticket_id, ticket_no, rule, clause, kind, after_ms, key, due_at, at)
    SELECT id, audience, ticket_id, ticket_no, rule, clause, kind, after_ms, key, due_at, at FROM notices;
DROP TABLE notices;
ALTER TABLE notices_next RENAME TO notices;
CREATE UNIQUE INDEX notices_once ON notices (key);
CREATE INDEX notices_audience ON notices (audience, id DESC);

-- +goose StatementBegin
CREATE TRIGGER order_events_no_update BEFORE UPDATE ON order_events BEGIN
    SELECT RAISE(ABORT, 'order_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER order_events_no_delete BEFORE DELETE ON order_events BEGIN
    SELECT RAISE(ABORT, 'order_events is append-only');
END;
-- +goose StatementEnd
