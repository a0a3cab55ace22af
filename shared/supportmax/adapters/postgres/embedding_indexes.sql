-- name: active
SELECT embedding_model FROM workspaces WHERE id = %(workspace_id)s

-- name: spare
SELECT embedding_model AS model, active_until, filling_at, trouble, created_at
FROM spare_indexes
WHERE workspace_id = %(workspace_id)s

-- name: both
SELECT w.embedding_model AS active, s.embedding_model AS spare
FROM workspaces w LEFT JOIN spare_indexes s ON s.workspace_id = w.id
WHERE w.id = %(workspace_id)s

-- name: hold
SELECT pg_advisory_xact_lock_shared(hashtextextended('embedding models of ' || %(workspace_id)s::text, 0))

-- name: lock
SELECT pg_advisory_xact_lock(hashtextextended('embedding models of ' || %(workspace_id)s::text, 0))

-- name: prepare
INSERT INTO spare_indexes (workspace_id, embedding_model) VALUES (%(workspace_id)s, %(model)s)

-- name: begin_filling
UPDATE spare_indexes SET filling_at = now(), trouble = NULL WHERE workspace_id = %(workspace_id)s

-- name: filling
UPDATE spare_indexes SET filling_at = CASE WHEN %(alive)s THEN now() END WHERE workspace_id = %(workspace_id)s

-- name: trouble
UPDATE spare_indexes SET trouble = %(trouble)s WHERE workspace_id = %(workspace_id)s

-- name: filled
WITH models AS (
    SELECT w.embedding_model AS active, s.embedding_model AS spare
    FROM workspaces w JOIN spare_indexes s ON s.workspace_id = w.id
    WHERE w.id = %(workspace_id)s
), found AS (
    SELECT i.article_id, i.content_hash
    FROM models JOIN indexed_articles i ON i.embedding_model = models.active
        JOIN articles a ON a.id = i.article_id AND a.content_hash = i.content_hash
    WHERE i.workspace_id = %(workspace_id)s
)
SELECT (SELECT count(*)::int FROM found) AS articles,
    (SELECT count(*)::int FROM models JOIN indexed_articles i ON i.embedding_model = models.spare
        JOIN found ON found.article_id = i.article_id AND found.content_hash = i.content_hash
        WHERE i.workspace_id = %(workspace_id)s) AS articles_done,
    (SELECT count(*)::int FROM labelled_examples WHERE workspace_id = %(workspace_id)s) AS examples,
    (SELECT count(*)::int FROM models
        JOIN labelled_examples e ON e.workspace_id = %(workspace_id)s
        LEFT JOIN spare_vectors v ON v.example_id = e.id
        WHERE models.spare IN (e.embedding_model, v.embedding_model)) AS examples_done,
    (SELECT models.spare = %(local)s OR EXISTS (SELECT FROM calibrations c
        WHERE c.workspace_id = %(workspace_id)s AND c.embedding_model = models.spare) FROM models) AS calibrated

-- name: articles_missing
SELECT id FROM articles
WHERE workspace_id = %(workspace_id)s AND (%(after)s::uuid IS NULL OR id > %(after)s) AND NOT EXISTS (
    SELECT FROM indexed_articles i
    WHERE i.article_id = articles.id AND i.embedding_model = %(model)s AND i.content_hash = articles.content_hash)
ORDER BY id
LIMIT %(limit)s

-- name: examples_missing
SELECT id, text FROM labelled_examples
WHERE workspace_id = %(workspace_id)s AND (%(after)s::uuid IS NULL OR id > %(after)s) AND embedding_model <> %(model)s
    AND NOT EXISTS (
        SELECT FROM spare_vectors v WHERE v.example_id = labelled_examples.id AND v.embedding_model = %(model)s)
ORDER BY id
LIMIT %(limit)s

-- name: put_spare_vector
INSERT INTO spare_vectors (example_id, workspace_id, embedding_model, embedding)
VALUES (%(id)s, %(workspace_id)s, %(model)s, %(embedding)s::vector)
ON CONFLICT (example_id) DO UPDATE SET embedding_model = excluded.embedding_model, embedding = excluded.embedding

-- name: put_active_vector
-- What was there is the spare model's: someone who had not heard of the switch wrote it.
WITH put_aside AS (
    INSERT INTO spare_vectors (example_id, workspace_id, embedding_model, embedding)
    SELECT id, workspace_id, embedding_model, embedding FROM labelled_examples
    WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND embedding_model <> %(model)s
    ON CONFLICT (example_id) DO UPDATE SET embedding_model = excluded.embedding_model, embedding = excluded.embedding
)
UPDATE labelled_examples SET embedding_model = %(model)s, embedding = %(embedding)s::vector
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND embedding_model <> %(model)s

-- name: swap_examples
-- Both parts read what was there before either wrote.
WITH taken AS (
    UPDATE labelled_examples e SET embedding_model = v.embedding_model, embedding = v.embedding
    FROM spare_vectors v
    WHERE e.workspace_id = %(workspace_id)s AND v.workspace_id = %(workspace_id)s AND v.example_id = e.id
        AND v.embedding_model = %(model)s AND e.embedding_model <> %(model)s
)
UPDATE spare_vectors v SET embedding_model = e.embedding_model, embedding = e.embedding
FROM labelled_examples e
WHERE e.workspace_id = %(workspace_id)s AND v.workspace_id = %(workspace_id)s AND v.example_id = e.id
    AND v.embedding_model = %(model)s AND e.embedding_model <> %(model)s

-- name: swap_models
WITH before AS (
    SELECT embedding_model FROM workspaces WHERE id = %(workspace_id)s
), activated AS (
    UPDATE workspaces SET embedding_model = %(model)s WHERE id = %(workspace_id)s
)
UPDATE spare_indexes SET embedding_model = before.embedding_model, active_until = now()
FROM before
WHERE workspace_id = %(workspace_id)s

-- name: drop_chunks
DELETE FROM chunks WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s

-- name: drop_articles
DELETE FROM indexed_articles WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s

-- name: drop_vectors
DELETE FROM spare_vectors WHERE workspace_id = %(workspace_id)s

-- name: drop_index
DELETE FROM spare_indexes WHERE workspace_id = %(workspace_id)s
