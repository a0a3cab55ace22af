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
SELECT CASE WHEN c.kind = 'body' THEN t.text || E'\n' || c.text ELSE c.text END AS text, c.embedding::text AS embedding
FROM chunks c JOIN chunks t ON t.article_id = c.article_id AND t.embedding_model = c.embedding_model AND t.kind = 'title'
WHERE c.workspace_id = %(workspace_id)s AND c.article_id = %(article_id)s AND c.embedding_model = %(model)s

-- name: delete_chunks
DELETE FROM chunks
WHERE workspace_id = %(workspace_id)s AND article_id = %(article_id)s AND embedding_model = %(model)s

-- name: probes
-- Always the same ones, and of every article about as many.
SELECT c.id AS chunk_id, a.external_id, a.topics, c.text, c.embedding::text AS vector
FROM chunks c JOIN articles a ON a.id = c.article_id AND a.status = 'published'
WHERE c.workspace_id = %(workspace_id)s AND c.embedding_model = %(model)s AND c.kind IN ('title', 'question')
ORDER BY c.ordinal, md5(c.text)
LIMIT %(limit)s

-- name: add_chunk
INSERT INTO chunks (id, workspace_id, article_id, kind, ordinal, text, embedding_model, embedding, text_config)
VALUES (%(id)s, %(workspace_id)s, %(article_id)s, %(kind)s, %(ordinal)s, %(text)s, %(model)s, %(embedding)s::vector,
    %(text_config)s::regconfig)

-- name: note_indexed
SELECT note_indexed(%(model)s, %(added)s::integer, %(text_config)s::regconfig)

-- name: index_size
-- What decides how the vectors are searched. Not counted yet is little, or else it would have been; a table that the
-- planner knows nothing of belongs to nobody else.
SELECT coalesce((SELECT chunks + changed FROM search_statistics
        WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s), 0)::int AS own,
    (SELECT reltuples FROM pg_class WHERE oid = 'chunks'::regclass)::float8 AS everyones,
    EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'chunks'::regclass AND i.indisvalid AND c.relname = %(own_index)s) AS has_own_index

-- name: word_matches
-- The leg of the words, as Postgres writes arrays, for Postgres to read. The words are joined by OR: a question never
-- holds exactly the words of its answer; they are read as each language of the index reads them.
WITH asked AS (
    SELECT string_agg(nullif(regexp_replace(plainto_tsquery(config, %(words)s)::text, '&|<[-0-9]+>', '|', 'g'), ''),
        ' | ')::tsquery AS words
    FROM unnest(coalesce((SELECT text_configs FROM search_statistics
        WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s), ARRAY['english'::regconfig])) AS config
)
SELECT coalesce(array_agg(m.chunk_id), '{}')::text AS chunk_ids, coalesce(array_agg(m.rank::float8), '{}')::text AS ranks
FROM asked, match_words(asked.words, %(model)s, (%(limit)s + 1)::integer / 2) m

-- name: search_version
-- Whether this transaction has written nothing: what it wrote itself may be taken back, and must not be remembered.
SELECT coalesce((SELECT version FROM search_versions WHERE workspace_id = %(workspace_id)s), 0) AS version,
    pg_current_xact_id_if_assigned() IS NULL AS only_reads

-- name: known_chunks
-- `vector_send` starts with four bytes that are not numbers.
SELECT c.id AS chunk_id, c.article_id, a.external_id, a.title, a.topics, c.kind, c.ordinal, c.text, a.language,
    octet_length(a.body) AS size, a.status = 'published' AS published, substring(vector_send(c.embedding) FROM 5) AS vector
FROM chunks c JOIN articles a ON a.id = c.article_id
WHERE c.workspace_id = %(workspace_id)s AND c.embedding_model = %(model)s
ORDER BY c.article_id, c.kind, c.ordinal
LIMIT %(most)s

-- name: search
-- The leg of the vector, and both together: each hit with both of its scores. What the words match is known before. What
-- indexes are chosen by (workspace, model, dimensions) is written into the text: search_plan.py.
WITH nearest AS MATERIALIZED (
    SELECT id, article_id, kind, ordinal, text, (embedding::vector(384)) <=> %(vector)s::vector AS distance FROM chunks
    WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s
    ORDER BY (embedding::vector(384)) <=> %(vector)s::vector
    LIMIT %(limit)s
), worded AS MATERIALIZED (
    SELECT id, rank FROM unnest(%(chunk_ids)s::uuid[], %(ranks)s::real[]) AS matched (id, rank)
), most_likely AS MATERIALIZED (
    -- The passages of the nearest article: an answer most likely needs them. Of a very long one, not all.
    SELECT id, article_id FROM chunks
    WHERE article_id = (SELECT article_id FROM nearest ORDER BY distance LIMIT 1) AND embedding_model = %(model)s
        AND kind = 'body'
    LIMIT 21
), found AS (
    SELECT id, article_id, kind, ordinal, text, distance FROM nearest
    UNION ALL
    SELECT c.id, c.article_id, c.kind, c.ordinal, c.text, c.embedding <=> %(vector)s::vector
    FROM (SELECT id FROM worded UNION SELECT id FROM most_likely EXCEPT SELECT id FROM nearest) AS other
        -- One look by primary key each, whatever the planner believes of a table that was filled a moment ago.
        CROSS JOIN LATERAL (
            SELECT id, article_id, kind, ordinal, text, embedding FROM chunks WHERE id = other.id LIMIT 1
        ) c
)
SELECT c.id AS chunk_id, c.article_id, a.external_id, a.title, a.topics, c.kind, c.ordinal, c.text,
    1 - c.distance AS similarity, coalesce(worded.rank, 0)::float8 AS word_rank, a.language, a.size,
    c.article_id = (SELECT article_id FROM most_likely LIMIT 1) AND (SELECT count(*) FROM most_likely) <= 20 AS whole
FROM found c
    CROSS JOIN LATERAL (
        SELECT external_id, title, topics, language, octet_length(body) AS size FROM articles
        WHERE id = c.article_id AND status = 'published' LIMIT 1
    ) a
    LEFT JOIN worded ON worded.id = c.id
ORDER BY similarity DESC, c.id

-- name: body_of
SELECT c.id AS chunk_id, c.article_id, a.external_id, a.title, a.topics, c.kind, c.ordinal, c.text,
    1 - (c.embedding <=> %(vector)s::vector) AS similarity, 0::float8 AS word_rank, a.language, octet_length(a.body) AS size
FROM chunks c JOIN articles a ON a.id = c.article_id
WHERE c.workspace_id = %(workspace_id)s AND c.article_id = %(article_id)s AND c.embedding_model = %(model)s
    AND c.kind = 'body'
ORDER BY c.ordinal
