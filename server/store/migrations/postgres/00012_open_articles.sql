-- +goose Up
-- 暂无答复 is a property of its own: what came with the program unchecked and
-- states no figure says that we do not know. What editors wrote unchecked does not.

ALTER TABLE knowledge ADD COLUMN open BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE articles SET body = CAST(jsonb_set(CAST(body AS JSONB), '{Open}', 'true') AS TEXT)
    WHERE NOT COALESCE(CAST(CAST(body AS JSONB) ->> 'Verified' AS BOOLEAN), FALSE)
    AND (origin = 'shipped' OR origin = 'restored' AND EXISTS (SELECT 1 FROM articles seed
        WHERE seed.id = articles.id AND seed.version = articles.restores AND seed.origin = 'shipped'))
    AND CONCAT(CAST(body AS JSONB) ->> 'Short', CAST(body AS JSONB) ->> 'Details', CAST(body AS JSONB) ->> 'Next')
        !~ '[0-9０-９]|[〇零一二三四五六七八九十百千万两][元块角]'
    AND CONCAT(CAST(body AS JSONB) ->> 'Short', CAST(body AS JSONB) ->> 'Details', CAST(body AS JSONB) ->> 'Next') LIKE '%人工%';
UPDATE knowledge SET open = TRUE WHERE EXISTS (SELECT 1 FROM articles a
    WHERE a.id = knowledge.id AND a.version = knowledge.head AND CAST(CAST(a.body AS JSONB) ->> 'Open' AS BOOLEAN));
