-- name: labels
SELECT l.id, l.name, l.description, l.priority, l.group_id, l.is_spam, count(e.id)::int AS examples
FROM labels l LEFT JOIN labelled_examples e ON e.label_id = l.id
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
INSERT INTO labelled_examples (id, workspace_id, label_id, text, embedding_model, embedding)
VALUES (%(id)s, %(workspace_id)s, %(label_id)s, %(text)s, %(model)s, %(embedding)s::vector)
ON CONFLICT (workspace_id, label_id, md5(text)) DO NOTHING

-- name: nearest
-- The nearest first, then what is said about them: else the sort would carry every example's vector as text.
WITH nearest AS (
    SELECT id, embedding <=> %(vector)s::vector AS distance
    FROM labelled_examples
    WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s AND status = 'active'
    ORDER BY distance
    LIMIT %(limit)s
)
SELECT l.name AS label, e.text, 1 - nearest.distance AS similarity, e.embedding::text AS vector
FROM nearest JOIN labelled_examples e ON e.id = nearest.id JOIN labels l ON l.id = e.label_id
ORDER BY nearest.distance, e.id

-- name: examples
SELECT e.id, l.name AS label, e.text, e.created_at
FROM labelled_examples e JOIN labels l ON l.id = e.label_id
WHERE e.workspace_id = %(workspace_id)s AND (%(after)s::uuid IS NULL OR e.id < %(after)s)
ORDER BY e.id DESC
LIMIT %(limit)s
