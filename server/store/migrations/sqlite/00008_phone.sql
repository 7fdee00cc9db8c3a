-- +goose Up
-- The phone: what the exchange says of calls, who sits at which extension,
-- keys of programs, and calls that were promised.

ALTER TABLE users ADD COLUMN extension TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX users_extension ON users (extension) WHERE extension <> '';

-- A program's key: shown once, kept as a hash.
CREATE TABLE api_keys (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL,
    scope        TEXT NOT NULL,
    key_hash     BLOB NOT NULL,
    made_by      INTEGER NOT NULL,
    made_by_name TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    used_at      INTEGER NOT NULL DEFAULT 0,
    revoked_at   INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (key_hash);

-- calls is what call_events come to, in whatever order they came.
CREATE TABLE calls (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    call_id     TEXT NOT NULL,
    direction   TEXT NOT NULL DEFAULT '',
    number      TEXT NOT NULL DEFAULT '',
    line        TEXT NOT NULL DEFAULT '',
    extension   TEXT NOT NULL DEFAULT '',
    user_id     INTEGER NOT NULL DEFAULT 0,
    user_name   TEXT NOT NULL DEFAULT '',
    ringing_at  INTEGER NOT NULL DEFAULT 0,
    answered_at INTEGER NOT NULL DEFAULT 0,
    ended_at    INTEGER NOT NULL DEFAULT 0,
    task_no     TEXT NOT NULL DEFAULT '',
    ticket_no   TEXT NOT NULL DEFAULT '',
    version     INTEGER NOT NULL DEFAULT 1,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
);
CREATE UNIQUE INDEX calls_once ON calls (call_id);
CREATE INDEX calls_number ON calls (number, id DESC) WHERE number <> '';
CREATE INDEX calls_user ON calls (user_id, id DESC) WHERE user_id <> 0;

CREATE TABLE call_events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    call_id    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    extension  TEXT NOT NULL,
    user_id    INTEGER NOT NULL DEFAULT 0,
    user_name  TEXT NOT NULL DEFAULT '',
    direction  TEXT NOT NULL DEFAULT '',
    number     TEXT NOT NULL DEFAULT '',
    line       TEXT NOT NULL DEFAULT '',
    at         INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX call_events_once ON call_events (call_id, kind, extension);
CREATE INDEX call_events_user ON call_events (user_id, id DESC) WHERE user_id <> 0;

ALTER TABLE tickets ADD COLUMN outlet TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN call_team TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN call_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN call_tried_at INTEGER NOT NULL DEFAULT 0;

-- One row for each time a call was promised; a ticket has one that is booked at most.
CREATE TABLE appointments (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES tickets (id),
    team      TEXT NOT NULL,
    phone     TEXT NOT NULL,
    at        INTEGER NOT NULL,
    slot_at   INTEGER NOT NULL DEFAULT 0,
    next_at   INTEGER NOT NULL,
    tries     INTEGER NOT NULL DEFAULT 0,
    state     TEXT NOT NULL,
    made_at   INTEGER NOT NULL,
    ended_at  INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX appointments_booked ON appointments (ticket_id) WHERE state = 'booked';
CREATE INDEX appointments_ticket ON appointments (ticket_id, id);
CREATE INDEX appointments_slot ON appointments (team, slot_at) WHERE slot_at <> 0;
CREATE INDEX appointments_phone ON appointments (phone, at);
CREATE INDEX appointments_day ON appointments (at, id);
CREATE INDEX appointments_waiting ON appointments (next_at, id) WHERE state = 'booked';

-- The hours in which a team calls; a team without a row has the default.
CREATE TABLE call_hours (
    team            TEXT PRIMARY KEY,
    opens           INTEGER NOT NULL,
    closes          INTEGER NOT NULL,
    slot_minutes    INTEGER NOT NULL,
    capacity        INTEGER NOT NULL,
    workdays        BOOLEAN NOT NULL,
    changed_by_name TEXT NOT NULL,
    changed_at      INTEGER NOT NULL
);

CREATE INDEX conversations_customer ON conversations (customer_id) WHERE customer_id <> 0;

-- Calls that were promised before there were appointments.
INSERT INTO appointments (ticket_id, team, phone, at, next_at, state, made_at)
    SELECT id, department, call_phone, call_at, call_at, 'booked', updated_at FROM tickets
    WHERE call_at <> 0 AND state NOT IN ('closed', 'returned', 'merged', 'void', 'answered');

-- +goose StatementBegin
CREATE TRIGGER call_events_no_update BEFORE UPDATE ON call_events BEGIN
    SELECT RAISE(ABORT, 'call_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER call_events_no_delete BEFORE DELETE ON call_events BEGIN
    SELECT RAISE(ABORT, 'call_events is append-only');
END;
-- +goose StatementEnd
