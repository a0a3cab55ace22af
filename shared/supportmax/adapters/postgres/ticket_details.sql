-- name: add_event
INSERT INTO ticket_events (id, workspace_id, ticket_id, kind, actor_kind, actor_id, reason, changes)
VALUES (%(id)s, %(workspace_id)s, %(ticket_id)s, %(kind)s, %(actor_kind)s, %(actor_id)s, %(reason)s, %(changes)s)

-- name: events_of
SELECT id, ticket_id, kind, actor_kind, actor_id, reason, changes, created_at
FROM ticket_events
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id
LIMIT %(limit)s

-- name: list_fields
SELECT id, key, label, type, options, required_to_solve
FROM ticket_fields
WHERE workspace_id = %(workspace_id)s
ORDER BY id

-- name: add_field
INSERT INTO ticket_fields (id, workspace_id, key, label, type, options, required_to_solve)
VALUES (%(id)s, %(workspace_id)s, %(key)s, %(label)s, %(type)s, %(options)s, %(required_to_solve)s)
ON CONFLICT (workspace_id, key) DO NOTHING

-- name: change_field
UPDATE ticket_fields SET label = %(label)s, options = %(options)s, required_to_solve = %(required_to_solve)s
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: delete_field
DELETE FROM ticket_fields WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: followers_of
SELECT u.id, u.role, u.name, u.email, u.created_at
FROM ticket_followers f JOIN users u ON u.id = f.user_id
WHERE f.workspace_id = %(workspace_id)s AND f.ticket_id = %(ticket_id)s
ORDER BY f.created_at, u.id

-- name: follow
INSERT INTO ticket_followers (workspace_id, ticket_id, user_id)
VALUES (%(workspace_id)s, %(ticket_id)s, %(user_id)s)
ON CONFLICT (ticket_id, user_id) DO NOTHING

-- name: unfollow
DELETE FROM ticket_followers
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s AND user_id = %(user_id)s

-- name: add_link
INSERT INTO ticket_links (id, workspace_id, ticket_id, other_id, kind)
VALUES (%(id)s, %(workspace_id)s, %(ticket_id)s, %(other_id)s, %(kind)s)
ON CONFLICT (ticket_id, other_id, kind) DO NOTHING

-- name: links_of
-- A deleted ticket is not shown. `outward`: the link was stored from this ticket's view.
SELECT l.id, l.kind, l.ticket_id = %(ticket_id)s AS outward, t.id AS ticket_id, t.number, t.subject, t.status,
    l.created_at
FROM ticket_links l
    JOIN tickets t ON t.id = CASE WHEN l.ticket_id = %(ticket_id)s THEN l.other_id ELSE l.ticket_id END
WHERE l.workspace_id = %(workspace_id)s AND (l.ticket_id = %(ticket_id)s OR l.other_id = %(ticket_id)s)
    AND t.deleted_at IS NULL
ORDER BY l.id

-- name: delete_link
DELETE FROM ticket_links
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND (ticket_id = %(ticket_id)s OR other_id = %(ticket_id)s)
RETURNING kind, CASE WHEN ticket_id = %(ticket_id)s THEN other_id ELSE ticket_id END AS other_id
