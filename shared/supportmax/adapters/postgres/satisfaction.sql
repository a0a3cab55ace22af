-- name: settings
SELECT enabled, delay_hours FROM satisfaction_settings WHERE workspace_id = %(workspace_id)s

-- name: save_settings
INSERT INTO satisfaction_settings AS s (workspace_id, enabled, delay_hours)
VALUES (%(workspace_id)s, %(enabled)s, %(delay_hours)s)
ON CONFLICT (workspace_id) DO UPDATE SET enabled = excluded.enabled, delay_hours = excluded.delay_hours,
    enabled_at = CASE WHEN excluded.enabled AND NOT s.enabled THEN now() ELSE s.enabled_at END

-- name: get
SELECT id, ticket_id, requester_id, asked_at, mailed_at, score, comment, answered_at, changed_at
FROM satisfaction_ratings
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: lock
SELECT id, ticket_id, requester_id, asked_at, mailed_at, score, comment, answered_at, changed_at
FROM satisfaction_ratings
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
FOR UPDATE

-- name: list
SELECT r.id, r.ticket_id, r.requester_id, r.asked_at, r.mailed_at, r.score, r.comment, r.answered_at, r.changed_at
FROM satisfaction_ratings r JOIN tickets t ON t.id = r.ticket_id
WHERE r.workspace_id = %(workspace_id)s AND t.deleted_at IS NULL
    AND (%(ticket_id)s::uuid IS NULL OR r.ticket_id = %(ticket_id)s) AND (%(score)s::text IS NULL OR r.score = %(score)s)
    AND (%(after)s::uuid IS NULL OR r.id < %(after)s)
ORDER BY r.id DESC
LIMIT %(limit)s

-- name: save
INSERT INTO satisfaction_ratings (
    id, workspace_id, ticket_id, requester_id, asked_at, mailed_at, score, comment, answered_at, changed_at
) SELECT %(id)s, %(workspace_id)s, %(ticket_id)s, %(requester_id)s, %(asked_at)s, %(mailed_at)s, %(score)s, %(comment)s,
    %(answered_at)s, %(changed_at)s
WHERE NOT EXISTS (SELECT FROM satisfaction_ratings WHERE ticket_id = %(ticket_id)s AND id <> %(id)s)
ON CONFLICT (id) DO UPDATE SET mailed_at = excluded.mailed_at, score = excluded.score, comment = excluded.comment,
    answered_at = excluded.answered_at, changed_at = excluded.changed_at

-- name: forget
DELETE FROM satisfaction_ratings WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: due
-- Solved by people, for somebody who can be written to, and not asked about before.
SELECT t.id, t.number, t.subject, t.status, t.priority, t.channel, t.category, t.tags, t.language, t.sentiment,
    t.requester_id, t.assignee_id, t.group_id, t.session_id, t.triage, t.version, t.created_at, t.updated_at,
    t.first_response_at, t.solved_at, t.type, t.custom_fields, t.snoozed_until, t.merged_into_id, t.deleted_at
FROM satisfaction_settings s
    JOIN tickets t ON t.workspace_id = s.workspace_id
    JOIN users u ON u.id = t.requester_id
WHERE s.workspace_id = %(workspace_id)s AND s.enabled AND t.workspace_id = %(workspace_id)s AND t.status IN ('solved', 'closed')
    AND t.solved_at <= %(latest)s AND t.solved_at > %(earliest)s AND t.solved_at >= s.enabled_at
    AND t.deleted_at IS NULL AND t.merged_into_id IS NULL AND u.role = 'customer' AND u.email IS NOT NULL
    AND NOT 'spam' = ANY(t.tags)
    AND NOT EXISTS (SELECT FROM satisfaction_ratings r WHERE r.ticket_id = t.id)
    AND (
        SELECT e.actor_kind FROM ticket_events e
        WHERE e.ticket_id = t.id AND e.changes -> 'status' ->> 'to' = 'solved' ORDER BY e.id DESC LIMIT 1
    ) IS DISTINCT FROM 'automation'
ORDER BY t.solved_at
LIMIT %(limit)s
FOR UPDATE OF t SKIP LOCKED
