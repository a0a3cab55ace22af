-- name: add
INSERT INTO sessions (id, workspace_id, requester_id, created_at, last_active_at)
VALUES (%(id)s, %(workspace_id)s, %(requester_id)s, %(created_at)s, %(created_at)s)

-- name: get
SELECT id, requester_id, ticket_id, created_at, in_charge, visitor, ended_at
FROM chats
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: earlier_ticket
SELECT id FROM tickets
WHERE workspace_id = %(workspace_id)s AND session_id = %(session_id)s AND deleted_at IS NULL
ORDER BY id DESC
LIMIT 1

-- name: touch
UPDATE sessions SET last_active_at = now() WHERE workspace_id = %(workspace_id)s AND id = %(id)s
