-- +goose Up
-- What goes out to the platform of 12345, and the moves that lead there.

ALTER TABLE tickets ADD COLUMN giveback TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN assists TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN reported_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tickets_master ON tickets (master_no) WHERE master_no <> '';

-- Which departments help with a ticket and see it therefore.
CREATE TABLE assists (
    ticket_id  INTEGER NOT NULL REFERENCES tickets (id),
    department TEXT NOT NULL,
    PRIMARY KEY (ticket_id, department)
);
CREATE INDEX assists_department ON assists (department, ticket_id);

-- One row for each thing the platform has to be told. state: pending, sending,
-- delivered, unknown, refused, manual (a clerk reported it), superseded. doubt:
-- the platform may have it, so it is asked before it is sent again.
CREATE TABLE outward (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id  INTEGER NOT NULL REFERENCES tickets (id),
    order_no   TEXT NOT NULL,
    act        TEXT NOT NULL,
    round      INTEGER NOT NULL,
    key        TEXT NOT NULL,
    body       TEXT NOT NULL,
    state      TEXT NOT NULL,
    doubt      BOOLEAN NOT NULL DEFAULT FALSE,
    reason     TEXT NOT NULL DEFAULT '',
    attempts   INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL,
    sent_at    INTEGER NOT NULL DEFAULT 0,
    done_at    INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX outward_once ON outward (key);
CREATE UNIQUE INDEX outward_round ON outward (ticket_id, act, round);
CREATE INDEX outward_next ON outward (next_at, id) WHERE state IN ('pending', 'sending', 'unknown');
CREATE INDEX outward_replies ON outward (created_at, id) WHERE act = 'reply' AND state IN ('pending', 'sending', 'unknown', 'refused');
