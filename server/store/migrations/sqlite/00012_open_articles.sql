-- +goose Up
-- 暂无答复 is a property of its own: what came with the program unchecked and
-- states no figure says that we do not know. What editors wrote unchecked does not.

ALTER TABLE knowledge ADD COLUMN open BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE articles SET body = json_set(body, '$.Open', json('true'))
    WHERE NOT COALESCE(json_extract(body, '$.Verified'), FALSE)
    AND (origin = 'shipped' OR origin = 'restored' AND EXISTS (SELECT 1 FROM articles seed
        WHERE seed.id = articles.id AND seed.version = articles.restores AND seed.origin = 'shipped'))
    AND NOT COALESCE(json_extract(body, '$.Short'), '') || COALESCE(json_extract(body, '$.Details'), '')
        || COALESCE(json_extract(body, '$.Next'), '') GLOB '*[0-9０-９]*'
    AND NOT COALESCE(json_extract(body, '$.Short'), '') || COALESCE(json_extract(body, '$.Details'), '')
        || COALESCE(json_extract(body, '$.Next'), '') GLOB '*[〇零一二三四五六七八九十百千万两][元块角]*'
    AND COALESCE(json_extract(body, '$.Short'), '') || COALESCE(json_extract(body, '$.Details'), '')
        || COALESCE(json_extract(body, '$.Next'), '') LIKE '%人工%';
UPDATE knowledge SET open = TRUE WHERE EXISTS (SELECT 1 FROM articles a
    WHERE a.id = knowledge.id AND a.version = knowledge.head AND json_extract(a.body, '$.Open'));
