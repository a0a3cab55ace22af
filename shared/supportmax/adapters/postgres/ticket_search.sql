-- name: find
SELECT t.id, t.number, t.subject, t.status, t.priority, t.channel, t.category, t.tags, t.language, t.sentiment,
    t.requester_id, t.assignee_id, t.group_id, t.session_id, t.triage, t.version, t.created_at, t.updated_at,
    t.first_response_at, t.solved_at, t.type, t.custom_fields, t.snoozed_until, t.merged_into_id, t.deleted_at
FROM find_tickets(%(wanted)s, %(limit)s) WITH ORDINALITY AS found (id, place) JOIN tickets t ON t.id = found.id
WHERE t.workspace_id = %(workspace_id)s
ORDER BY found.place

-- name: count
SELECT q.key, (SELECT count(*)::int FROM find_tickets(q.value, %(most)s)) AS found FROM jsonb_each(%(queries)s) q

-- name: list_views
SELECT id, title, query, owner_id, position
FROM ticket_views
WHERE workspace_id = %(workspace_id)s AND (owner_id IS NULL OR owner_id = %(user_id)s)
ORDER BY position, id
LIMIT 500

-- name: save_view
INSERT INTO ticket_views (id, workspace_id, owner_id, title, query, position)
VALUES (%(id)s, %(workspace_id)s, %(owner_id)s, %(title)s, %(query)s, %(position)s)
ON CONFLICT (id) DO UPDATE
    SET owner_id = excluded.owner_id, title = excluded.title, query = excluded.query, position = excluded.position

-- name: delete_view
DELETE FROM ticket_views WHERE workspace_id = %(workspace_id)s AND id = %(id)s
