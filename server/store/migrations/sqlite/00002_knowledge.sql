-- +goose Up
-- The editor's desk. articles keeps every version; its words never change,
-- its status does: draft, reviewed, published, superseded, retired.

ALTER TABLE articles ADD COLUMN origin TEXT NOT NULL DEFAULT 'shipped';
ALTER TABLE articles ADD COLUMN restores INTEGER NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN author_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN author_name TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN reviewer_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN reviewer_name TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN reviewed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN publisher_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN publisher_name TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN published_at INTEGER NOT NULL DEFAULT 0;
UPDATE articles SET published_at = created_at WHERE status = 'published';
UPDATE articles SET status = 'superseded' WHERE status = 'published'
    AND version < (SELECT MAX(newer.version) FROM articles newer WHERE newer.id = articles.id AND newer.status = 'published');
CREATE INDEX articles_live ON articles (id, version) WHERE status = 'published';

-- One row per article: the version editors work at, and what lists show of it.
CREATE TABLE knowledge (
    id         TEXT PRIMARY KEY,
    head       INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    published  INTEGER NOT NULL DEFAULT 0,
    waiting    INTEGER NOT NULL DEFAULT 0,
    edited     BOOLEAN NOT NULL DEFAULT FALSE,
    state      TEXT NOT NULL,
    title      TEXT NOT NULL,
    clause     TEXT NOT NULL DEFAULT '',
    verified   BOOLEAN NOT NULL DEFAULT FALSE,
    valid_to   INTEGER NOT NULL DEFAULT 9223372036854775807,
    revision   INTEGER NOT NULL DEFAULT 1,
    updated_at INTEGER NOT NULL
);
CREATE INDEX knowledge_recent ON knowledge (updated_at DESC, id DESC);
CREATE INDEX knowledge_state ON knowledge (state, updated_at DESC, id DESC);
CREATE INDEX knowledge_told ON knowledge (updated_at DESC, id DESC) WHERE published > 0;
CREATE INDEX knowledge_clause ON knowledge (clause, updated_at DESC, id DESC);
CREATE INDEX knowledge_unverified ON knowledge (updated_at DESC, id DESC) WHERE NOT verified;
CREATE INDEX knowledge_waiting ON knowledge (updated_at DESC, id DESC) WHERE waiting > 0;
CREATE INDEX knowledge_expiring ON knowledge (valid_to) WHERE valid_to < 9223372036854775807;
INSERT INTO knowledge (id, head, last, published, state, title, clause, verified, updated_at)
    SELECT a.id, a.version, a.version, CASE a.status WHEN 'published' THEN a.version ELSE 0 END, a.status,
        COALESCE(json_extract(a.body, '$.Title'), ''), COALESCE(json_extract(a.body, '$.Clause'), ''),
        COALESCE(json_extract(a.body, '$.Verified'), FALSE), a.created_at
    FROM articles a WHERE a.version = (SELECT MAX(b.version) FROM articles b WHERE b.id = a.id);

-- Questions whose answer must not be lost; an empty article_id: there is none.
CREATE TABLE golden_questions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    question    TEXT NOT NULL,
    article_id  TEXT NOT NULL DEFAULT '',
    shipped     BOOLEAN NOT NULL DEFAULT FALSE,
    author_id   INTEGER NOT NULL DEFAULT 0,
    author_name TEXT NOT NULL DEFAULT '',
    created_at  INTEGER NOT NULL,
    removed_at  INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX golden_questions_once ON golden_questions (question);

-- Questions without a good answer: one row per message of the bot. What was
-- asked is kept without numbers.
CREATE TABLE gap_questions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id      INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    text            TEXT NOT NULL,
    unanswered      BOOLEAN NOT NULL DEFAULT FALSE,
    down            BOOLEAN NOT NULL DEFAULT FALSE,
    article_id      TEXT NOT NULL DEFAULT '',
    version         INTEGER NOT NULL DEFAULT 0,
    state           TEXT NOT NULL DEFAULT 'open',
    draft_id        TEXT NOT NULL DEFAULT '',
    asked_at        INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
);
CREATE UNIQUE INDEX gap_questions_once ON gap_questions (message_id);
CREATE INDEX gap_questions_state ON gap_questions (state, id DESC);
CREATE INDEX gap_questions_conversation ON gap_questions (conversation_id, message_id);
