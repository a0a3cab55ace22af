-- name: labels
SELECT l.id, l.name, l.description, l.priority, l.group_id, l.is_spam, count(e.id)::int AS examples
FROM labels l LEFT JOIN labelled_examples e
    ON e.label_id = l.id AND e.status = 'active' AND e.source <> 'description'
WHERE l.workspace_id = %(workspace_id)s
GROUP BY l.id
ORDER BY l.name

-- name: by_name
SELECT id, name, description, priority, group_id, is_spam
FROM labels
WHERE workspace_id = %(workspace_id)s AND name = %(name)s

-- name: save_label
INSERT INTO labels (id, workspace_id, name, description, priority, group_id, is_spam)
VALUES (%(id)s, %(workspace_id)s, %(name)s, %(description)s, %(priority)s, %(group_id)s, %(is_spam)s)
ON CONFLICT (workspace_id, name) DO UPDATE SET description = excluded.description, priority = excluded.priority,
    group_id = excluded.group_id, is_spam = excluded.is_spam
RETURNING id, name, description, priority, group_id, is_spam

-- name: add_example
-- One that was undone, or waits, becomes what is said now, with a new id: whoever remembers the old one does not read it.
INSERT INTO labelled_examples (
    id, workspace_id, label_id, text, embedding_model, embedding, source, status, waits_for, ticket_id, created_by
)
VALUES (%(id)s, %(workspace_id)s, %(label_id)s, %(text)s, %(model)s, %(vector)s::vector, %(source)s, %(status)s,
    %(waits_for)s, %(ticket_id)s, %(created_by)s)
ON CONFLICT (workspace_id, label_id, md5(text)) DO UPDATE SET id = excluded.id, source = excluded.source,
    status = excluded.status, waits_for = excluded.waits_for, ticket_id = excluded.ticket_id,
    created_by = excluded.created_by, decided_by = NULL, created_at = now(),
    embedding_model = excluded.embedding_model, embedding = excluded.embedding
WHERE labelled_examples.status = 'retired' OR (labelled_examples.status = 'waiting' AND excluded.status = 'active')
    OR (labelled_examples.source = 'description' AND excluded.source <> 'description')

-- name: which_exist
SELECT id FROM labelled_examples WHERE workspace_id = %(workspace_id)s AND id = ANY(%(ids)s)

-- name: set_status
UPDATE labelled_examples SET status = %(status)s, decided_by = %(decided_by)s, waits_for = NULL
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: descriptions
SELECT label_id, text FROM labelled_examples WHERE workspace_id = %(workspace_id)s AND source = 'description'

-- name: drop_descriptions
DELETE FROM labelled_examples
WHERE workspace_id = %(workspace_id)s AND label_id = %(label_id)s AND source = 'description'

-- name: nearest
-- The nearest first, then what is said about them: else the sort would carry every example's vector.
WITH nearest AS (
    SELECT id, embedding <=> %(vector)s::vector AS distance
    FROM labelled_examples
    WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s AND status = 'active'
        AND source <> 'description'
    ORDER BY distance
    LIMIT %(limit)s
)
SELECT l.name AS label, e.text, 1 - nearest.distance AS similarity, substring(vector_send(e.embedding) FROM 5) AS vector
FROM nearest JOIN labelled_examples e ON e.id = nearest.id JOIN labels l ON l.id = e.label_id
ORDER BY nearest.distance, e.id

-- name: active_ids
SELECT id FROM labelled_examples
WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s AND status = 'active'
ORDER BY id DESC
LIMIT %(limit)s

-- name: vectors
-- `vector_send` starts with four bytes that are not numbers.
SELECT e.id, l.name AS label, e.text, e.source, substring(vector_send(e.embedding) FROM 5) AS vector
FROM labelled_examples e JOIN labels l ON l.id = e.label_id
WHERE e.workspace_id = %(workspace_id)s AND e.id = ANY(%(ids)s::uuid[]) AND e.embedding_model = %(model)s
    AND e.status = 'active'

-- name: get_example
SELECT e.id, l.name AS label, e.text, e.source, e.status, e.waits_for, e.ticket_id, e.created_by, e.decided_by,
    e.created_at
FROM labelled_examples e JOIN labels l ON l.id = e.label_id
WHERE e.workspace_id = %(workspace_id)s AND e.id = %(id)s AND e.source <> 'description'
FOR UPDATE OF e

-- name: examples
SELECT e.id, l.name AS label, e.text, e.source, e.status, e.waits_for, e.ticket_id, e.created_by, e.decided_by,
    e.created_at
FROM labelled_examples e JOIN labels l ON l.id = e.label_id
WHERE e.workspace_id = %(workspace_id)s AND e.source <> 'description'
    AND (%(status)s::text IS NULL OR e.status = %(status)s) AND (%(after)s::uuid IS NULL OR e.id < %(after)s)
ORDER BY e.id DESC
LIMIT %(limit)s

-- name: examples_of_ticket
SELECT e.id, l.name AS label, e.text, e.source, e.status, e.waits_for, e.ticket_id, e.created_by, e.decided_by,
    e.created_at
FROM labelled_examples e JOIN labels l ON l.id = e.label_id
WHERE e.workspace_id = %(workspace_id)s AND e.ticket_id = %(ticket_id)s AND e.status <> 'retired'
ORDER BY e.id
FOR UPDATE OF e

-- name: with_text
SELECT e.id, l.name AS label, e.text, e.source, e.status, e.waits_for, e.ticket_id, e.created_by, e.decided_by,
    e.created_at
FROM labelled_examples e JOIN labels l ON l.id = e.label_id
WHERE e.workspace_id = %(workspace_id)s AND md5(e.text) = md5(%(text)s) AND e.status <> 'retired'
    AND e.source <> 'description'
ORDER BY e.id

-- name: waiting_near
SELECT e.id, l.name AS label, e.text, e.source, e.status, e.waits_for, e.ticket_id, e.created_by, e.decided_by,
    e.created_at
FROM labelled_examples e JOIN labels l ON l.id = e.label_id
WHERE e.workspace_id = %(workspace_id)s AND e.label_id = %(label_id)s AND e.status = 'waiting'
    AND e.embedding_model = %(model)s AND e.embedding <=> %(vector)s::vector <= %(distance)s
ORDER BY e.id

-- name: shares
SELECT count(*) FILTER (WHERE source = 'agent' AND created_by = %(user_id)s)::int AS own, count(*)::int AS total
FROM labelled_examples
WHERE workspace_id = %(workspace_id)s AND label_id = %(label_id)s AND status = 'active' AND source <> 'description'

-- name: state
SELECT coalesce((SELECT version FROM triage_versions WHERE workspace_id = %(workspace_id)s), 0) AS version,
    (SELECT id FROM triage_models WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s
        ORDER BY id DESC LIMIT 1) AS head

-- name: get_model
SELECT id, embedding_model, labels, weights, metric, fingerprint, metrics, created_at
FROM triage_models
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: add_model
INSERT INTO triage_models (id, workspace_id, embedding_model, labels, weights, metric, fingerprint, metrics, created_at)
VALUES (%(id)s, %(workspace_id)s, %(embedding_model)s, %(labels)s, %(weights)s, %(metric)s, %(fingerprint)s,
    %(metrics)s, %(created_at)s)

-- name: drop_old_models
DELETE FROM triage_models
WHERE workspace_id = %(workspace_id)s AND embedding_model = %(embedding_model)s AND id NOT IN (
    SELECT id FROM triage_models WHERE workspace_id = %(workspace_id)s AND embedding_model = %(embedding_model)s
    ORDER BY id DESC LIMIT 3)
