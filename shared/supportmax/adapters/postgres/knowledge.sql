-- name: get
SELECT id, external_id, title, body, questions, topics, language, status, content_hash,
    ARRAY(SELECT embedding_model FROM indexed_articles i
        WHERE i.article_id = articles.id AND i.content_hash = articles.content_hash) AS indexed_with,
    index_error, version, created_at, updated_at
FROM articles
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: by_external_id
SELECT id, external_id, title, body, questions, topics, language, status, content_hash,
    ARRAY(SELECT embedding_model FROM indexed_articles i
        WHERE i.article_id = articles.id AND i.content_hash = articles.content_hash) AS indexed_with,
    index_error, version, created_at, updated_at
FROM articles
WHERE workspace_id = %(workspace_id)s AND external_id = %(external_id)s
FOR UPDATE

-- name: list
SELECT id, external_id, title, body, questions, topics, language, status, content_hash,
    ARRAY(SELECT embedding_model FROM indexed_articles i
        WHERE i.article_id = articles.id AND i.content_hash = articles.content_hash) AS indexed_with,
    index_error, version, created_at, updated_at
FROM articles
WHERE workspace_id = %(workspace_id)s AND (%(after)s::uuid IS NULL OR id < %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: status
SELECT count(*)::int AS articles,
    (count(*) FILTER (WHERE EXISTS (SELECT FROM indexed_articles i
        WHERE i.article_id = articles.id AND i.embedding_model = %(model)s
            AND i.content_hash = articles.content_hash)))::int AS indexed,
    (count(*) FILTER (WHERE index_error IS NOT NULL))::int AS failed,
    (SELECT count(*)::int FROM chunks WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s) AS chunks
FROM articles
WHERE workspace_id = %(workspace_id)s

-- name: add
INSERT INTO articles (id, workspace_id, external_id, title, body, questions, topics, language, status, content_hash)
VALUES (%(id)s, %(workspace_id)s, %(external_id)s, %(title)s, %(body)s, %(questions)s, %(topics)s, %(language)s,
    %(status)s, %(content_hash)s)
ON CONFLICT (workspace_id, external_id) DO NOTHING
RETURNING id, external_id, title, body, questions, topics, language, status, content_hash,
    ARRAY(SELECT embedding_model FROM indexed_articles i
        WHERE i.article_id = articles.id AND i.content_hash = articles.content_hash) AS indexed_with,
    index_error, version, created_at, updated_at

-- name: update
UPDATE articles SET external_id = %(external_id)s, title = %(title)s, body = %(body)s, questions = %(questions)s,
    topics = %(topics)s, language = %(language)s, status = %(status)s, content_hash = %(content_hash)s,
    version = version + 1, updated_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
RETURNING id, external_id, title, body, questions, topics, language, status, content_hash,
    ARRAY(SELECT embedding_model FROM indexed_articles i
        WHERE i.article_id = articles.id AND i.content_hash = articles.content_hash) AS indexed_with,
    index_error, version, created_at, updated_at

-- name: delete
DELETE FROM articles WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: mark_indexed
INSERT INTO indexed_articles (article_id, embedding_model, workspace_id, content_hash)
VALUES (%(id)s, %(model)s, %(workspace_id)s, %(content_hash)s)
ON CONFLICT (article_id, embedding_model) DO UPDATE SET content_hash = excluded.content_hash

-- name: chunk_vectors
SELECT text, embedding::text AS embedding
FROM chunks
WHERE workspace_id = %(workspace_id)s AND article_id = %(article_id)s AND embedding_model = %(model)s

-- name: delete_chunks
DELETE FROM chunks
WHERE workspace_id = %(workspace_id)s AND article_id = %(article_id)s AND embedding_model = %(model)s

-- name: add_chunk
INSERT INTO chunks (id, workspace_id, article_id, kind, ordinal, text, embedding_model, embedding, text_config)
VALUES (%(id)s, %(workspace_id)s, %(article_id)s, %(kind)s, %(ordinal)s, %(text)s, %(model)s, %(embedding)s::vector,
    %(text_config)s::regconfig)

-- name: search
-- Both legs, each hit with both of its scores, in one round trip. The words are joined by OR: a question never holds
-- exactly the words of its answer.
WITH asked AS (
    SELECT %(vector)s::vector AS vector,
        nullif(replace(plainto_tsquery('english', %(words)s)::text, '&', '|'), '')::tsquery AS words
), nearest AS (
    SELECT id FROM chunks
    WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s
    ORDER BY (embedding::vector(384)) <=> (SELECT vector FROM asked)
    LIMIT %(limit)s
), worded AS (
    SELECT m.chunk_id AS id, m.rank FROM asked, match_words(asked.words, %(model)s, %(limit)s::integer) m
), found AS (
    SELECT id FROM nearest UNION SELECT id FROM worded
)
SELECT c.id AS chunk_id, c.article_id, a.external_id, a.title, a.topics, c.kind, c.ordinal, c.text,
    1 - (c.embedding <=> asked.vector) AS similarity, coalesce(worded.rank, 0)::float8 AS word_rank,
    a.language
FROM found
    -- One look by primary key each, whatever the planner believes of a table that was filled a moment ago.
    CROSS JOIN LATERAL (
        SELECT id, article_id, kind, ordinal, text, embedding FROM chunks WHERE id = found.id LIMIT 1
    ) c
    CROSS JOIN LATERAL (
        SELECT external_id, title, topics, language FROM articles WHERE id = c.article_id AND status = 'published' LIMIT 1
    ) a
    CROSS JOIN asked
    LEFT JOIN worded ON worded.id = found.id
ORDER BY similarity DESC, c.id

-- name: body_of
SELECT c.id AS chunk_id, c.article_id, a.external_id, a.title, a.topics, c.kind, c.ordinal, c.text,
    1 - (c.embedding <=> %(vector)s::vector) AS similarity, 0::float8 AS word_rank, a.language
FROM chunks c JOIN articles a ON a.id = c.article_id
WHERE c.workspace_id = %(workspace_id)s AND c.article_id = %(article_id)s AND c.embedding_model = %(model)s
    AND c.kind = 'body'
ORDER BY c.ordinal
