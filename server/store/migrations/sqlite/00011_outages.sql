-- +goose Up
-- Notices of outages (停水通知), what happened to them, and their clocks: a
-- deadline belongs to a ticket or to a notice.

CREATE TABLE outage_numbers (
    day  TEXT PRIMARY KEY,
    last INTEGER NOT NULL
);

CREATE TABLE outages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    no         TEXT NOT NULL,
    state      TEXT NOT NULL,
    start_at   INTEGER NOT NULL DEFAULT 0,
    over_at    INTEGER NOT NULL DEFAULT 0,
    body       TEXT NOT NULL,
    event_seq  INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX outages_once ON outages (no);
CREATE INDEX outages_state ON outages (state, over_at);

CREATE TABLE outage_events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    outage_id  INTEGER NOT NULL REFERENCES outages (id),
    seq        INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id   INTEGER NOT NULL DEFAULT 0,
    actor_name TEXT NOT NULL DEFAULT '',
    kind       TEXT NOT NULL,
    data       TEXT NOT NULL DEFAULT '',
    audit_id   INTEGER NOT NULL
);
CREATE UNIQUE INDEX outage_events_seq ON outage_events (outage_id, seq);
CREATE INDEX outage_events_audit ON outage_events (audit_id, id);

-- A clock of a notice has ticket 0; the checker looks that each has its
-- subject. SQLite takes a reference away only with the whole table.
CREATE TABLE clocks (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id    INTEGER NOT NULL,
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
    ended_at     INTEGER NOT NULL DEFAULT 0,
    outage_id    INTEGER NOT NULL DEFAULT 0
);
INSERT INTO clocks (id, ticket_id, rule, clause, round, start_at, due_at, legal_due_at, extended_to,
        step, next_at, warned_at, met_at, breached_at, ended_at)
    SELECT id, ticket_id, rule, clause, round, start_at, due_at, legal_due_at, extended_to,
        step, next_at, warned_at, met_at, breached_at, ended_at FROM deadlines;
DROP TABLE deadlines;
ALTER TABLE clocks RENAME TO deadlines;
CREATE UNIQUE INDEX deadlines_once ON deadlines (ticket_id, outage_id, rule, round);
CREATE INDEX deadlines_next ON deadlines (next_at, id) WHERE next_at > 0;
CREATE INDEX deadlines_outage ON deadlines (next_at, id) WHERE next_at > 0 AND outage_id <> 0;

-- +goose StatementBegin
CREATE TRIGGER outage_events_no_update BEFORE UPDATE ON outage_events BEGIN
    SELECT RAISE(ABORT, 'outage_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER outage_events_no_delete BEFORE DELETE ON outage_events BEGIN
    SELECT RAISE(ABORT, 'outage_events is append-only');
END;
-- +goose StatementEnd
