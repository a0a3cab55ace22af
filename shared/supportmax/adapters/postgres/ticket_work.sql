-- name: note_presence
INSERT INTO ticket_presence AS p (workspace_id, ticket_id, user_id, activity, seen_at)
VALUES (%(workspace_id)s, %(ticket_id)s, %(user_id)s, %(activity)s, %(now)s)
ON CONFLICT (ticket_id, user_id) DO UPDATE SET activity = excluded.activity, seen_at = excluded.seen_at

-- name: at_ticket
SELECT p.user_id, u.name, p.activity, p.seen_at
FROM ticket_presence p JOIN users u ON u.id = p.user_id
WHERE p.workspace_id = %(workspace_id)s AND p.ticket_id = %(ticket_id)s AND p.seen_at > %(since)s
ORDER BY p.activity DESC, p.user_id

-- name: leave
DELETE FROM ticket_presence
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s AND user_id = %(user_id)s

-- name: prune_presence
DELETE FROM ticket_presence WHERE workspace_id = %(workspace_id)s AND seen_at < %(older_than)s

-- name: add_upload
INSERT INTO uploads (id, workspace_id, ticket_id, name, content_type, size, object_key, created_by)
VALUES (%(id)s, %(workspace_id)s, %(ticket_id)s, %(name)s, %(content_type)s, %(size)s, %(object_key)s, %(created_by)s)

-- name: take_uploads
DELETE FROM uploads
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s AND id = ANY(%(ids)s)
RETURNING id, ticket_id, name, content_type, size, object_key, created_by

-- name: prune_uploads
DELETE FROM uploads WHERE workspace_id = %(workspace_id)s AND created_at < %(older_than)s

-- name: add_job
INSERT INTO jobs (id, workspace_id, kind, status, request, total, created_by, created_at)
VALUES (%(id)s, %(workspace_id)s, %(kind)s, %(status)s, %(request)s, %(total)s, %(created_by)s, %(created_at)s)

-- name: get_job
SELECT id, kind, status, request, total, position, problems, result, created_by, created_at, finished_at
FROM jobs
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: lock_job
SELECT id, kind, status, request, total, position, problems, result, created_by, created_at, finished_at
FROM jobs
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
FOR UPDATE

-- name: save_job
UPDATE jobs SET status = %(status)s, request = %(request)s, position = %(position)s, problems = %(problems)s,
    result = %(result)s, finished_at = %(finished_at)s
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
