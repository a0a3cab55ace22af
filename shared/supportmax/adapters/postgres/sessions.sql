-- name: add
INSERT INTO sessions (id, workspace_id, requester_id, created_at, last_active_at)
VALUES (%(id)s, %(workspace_id)s, %(requester_id)s, %(created_at)s, %(created_at)s)

-- name: get
SELECT s.id, s.requester_id, t.id AS ticket_id, s.created_at
FROM sessions s LEFT JOIN tickets t ON t.session_id = s.id
WHERE s.workspace_id = %(workspace_id)s AND s.id = %(id)s

-- name: touch
UPDATE sessions SET last_active_at = now() WHERE workspace_id = %(workspace_id)s AND id = %(id)s
