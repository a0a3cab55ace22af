-- name: save
INSERT INTO ticket_vectors (ticket_id, workspace_id, embedding_model, embedding)
VALUES (%(ticket_id)s, %(workspace_id)s, %(model)s, %(vector)s::vector)
ON CONFLICT (ticket_id) DO UPDATE
    SET embedding_model = excluded.embedding_model, embedding = excluded.embedding

-- name: of
SELECT embedding::text FROM ticket_vectors
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s AND embedding_model = %(model)s

-- name: missing
SELECT t.id
FROM tickets t LEFT JOIN ticket_vectors v ON v.ticket_id = t.id AND v.embedding_model = %(model)s
WHERE t.workspace_id = %(workspace_id)s AND v.ticket_id IS NULL AND t.deleted_at IS NULL AND t.merged_into_id IS NULL
ORDER BY t.id DESC
LIMIT %(limit)s

-- name: nearest
-- Workspace and model are written into the text, as in knowledge.sql: a partial index serves no parameter.
WITH nearest AS (
    SELECT ticket_id, (embedding::vector(384)) <=> %(vector)s::vector AS distance
    FROM ticket_vectors
    WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s
    ORDER BY (embedding::vector(384)) <=> %(vector)s::vector
    LIMIT %(limit)s
)
SELECT n.ticket_id, t.number, 1 - n.distance AS similarity
FROM nearest n JOIN tickets t ON t.id = n.ticket_id
ORDER BY n.distance

-- name: compare
SELECT ticket_id, 1 - (embedding <=> %(vector)s::vector) AS similarity
FROM ticket_vectors
WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s AND ticket_id = ANY(%(ids)s::uuid[])

-- name: last_answers
SELECT t.id AS ticket_id, m.body
FROM unnest(%(ids)s::uuid[]) AS t (id)
    CROSS JOIN LATERAL (
        SELECT body FROM messages
        WHERE workspace_id = %(workspace_id)s AND ticket_id = t.id AND visibility = 'public'
            AND author_kind IN ('agent', 'assistant')
        ORDER BY (author_kind = 'agent') DESC, id DESC
        LIMIT 1
    ) m
