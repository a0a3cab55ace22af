-- name: add
INSERT INTO sessions (id, workspace_id, requester_id, created_at, last_active_at)
VALUES (%(id)s, %(workspace_id)s, %(requester_id)s, %(created_at)s, %(created_at)s)

-- name: get
-- Its ticket is the newest one, or what that was merged into, unless it is over: closed or deleted.
SELECT s.id, s.requester_id, t.id AS ticket_id, s.created_at
FROM sessions s LEFT JOIN LATERAL (
    SELECT goes_on.id
    FROM tickets k JOIN tickets goes_on ON goes_on.id = coalesce(k.merged_into_id, k.id)
    WHERE k.session_id = s.id AND goes_on.deleted_at IS NULL AND goes_on.status <> 'closed'
    ORDER BY k.id DESC
    LIMIT 1
) t ON true
WHERE s.workspace_id = %(workspace_id)s AND s.id = %(id)s

-- name: earlier_ticket
SELECT id FROM tickets
WHERE workspace_id = %(workspace_id)s AND session_id = %(session_id)s AND deleted_at IS NULL
ORDER BY id DESC
LIMIT 1

-- name: touch
UPDATE sessions SET last_active_at = now() WHERE workspace_id = %(workspace_id)s AND id = %(id)s
