-- name: list
SELECT id, kind, name, position, enabled, events, conditions, actions, fired, last_fired_at, problem, problem_at,
    looked_at
FROM rules
WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s
ORDER BY position, id

-- name: get
SELECT id, kind, name, position, enabled, events, conditions, actions, fired, last_fired_at, problem, problem_at,
    looked_at
FROM rules
WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s AND id = %(id)s

-- name: listening
SELECT EXISTS (SELECT FROM rules WHERE workspace_id = %(workspace_id)s AND kind = 'trigger' AND enabled)

-- name: save
INSERT INTO rules (id, workspace_id, kind, name, position, enabled, events, conditions, actions)
VALUES (%(id)s, %(workspace_id)s, %(kind)s, %(name)s, %(position)s, %(enabled)s, %(events)s, %(conditions)s, %(actions)s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position, enabled = excluded.enabled,
    events = excluded.events, conditions = excluded.conditions, actions = excluded.actions, problem = NULL,
    problem_at = NULL

-- name: delete
DELETE FROM rules WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: note_fired
UPDATE rules SET fired = fired + 1, last_fired_at = now() WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: note_problem
UPDATE rules SET problem = %(problem)s, problem_at = now() WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: look_on
UPDATE rules SET looked_at = %(ticket_id)s WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: claim_firing
INSERT INTO rule_firings (workspace_id, rule_id, ticket_id, state_since)
VALUES (%(workspace_id)s, %(id)s, %(ticket_id)s, %(state_since)s)
ON CONFLICT DO NOTHING

-- name: firings
SELECT count(*) FROM rule_firings
WHERE workspace_id = %(workspace_id)s AND rule_id = %(id)s AND ticket_id = %(ticket_id)s AND fired_at >= %(since)s

-- name: candidates
-- Tickets on which an automation may have to act, by what an index or the ticket itself tells of its conditions.
WITH looked AS (
    SELECT t.id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
        assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at, type,
        custom_fields, snoozed_until, merged_into_id, deleted_at,
        coalesce((
            SELECT e.created_at FROM ticket_events e
            WHERE e.ticket_id = t.id AND e.changes ? 'status' ORDER BY e.id DESC LIMIT 1
        ), t.created_at) AS status_since
    FROM tickets t
    WHERE workspace_id = %(workspace_id)s AND deleted_at IS NULL AND status = ANY(%(statuses)s)
        AND created_at <= %(created)s AND updated_at <= %(updated)s AND (%(after)s::uuid IS NULL OR id > %(after)s)
)
SELECT id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at, type,
    custom_fields, snoozed_until, merged_into_id, deleted_at
FROM looked l
WHERE status_since <= %(status_since)s AND NOT EXISTS (
    SELECT FROM rule_firings f WHERE f.rule_id = %(rule_id)s AND f.ticket_id = l.id AND f.state_since = l.status_since
)
ORDER BY id
LIMIT %(limit)s

-- name: facts
SELECT t.id,
    coalesce((
        SELECT e.created_at FROM ticket_events e
        WHERE e.ticket_id = t.id AND e.changes ? 'status' ORDER BY e.id DESC LIMIT 1
    ), t.created_at) AS status_since,
    coalesce((SELECT max(m.created_at) FROM messages m WHERE m.ticket_id = t.id), t.created_at) AS said_at,
    coalesce((
        SELECT m.body FROM messages m
        WHERE m.ticket_id = t.id AND m.author_kind = 'customer' ORDER BY m.id DESC LIMIT 1
    ), '') AS body
FROM tickets t
WHERE t.workspace_id = %(workspace_id)s AND t.id = ANY(%(ids)s)

-- name: events_written
SELECT id, ticket_id, kind, actor_kind, actor_id, reason, changes, created_at
FROM ticket_events
WHERE workspace_id = %(workspace_id)s AND id = ANY(%(ids)s)
ORDER BY id

-- name: messages_written
SELECT id, session_id, ticket_id, author_kind, author_id, visibility, channel, subject, body, quoted_text, body_html,
    mail_message_id, in_reply_to, mail_references, recipient, delivery, delivery_id, raw_object, created_at, by_rule
FROM messages
WHERE workspace_id = %(workspace_id)s AND id = ANY(%(ids)s)
ORDER BY id

-- name: mails_of_rules
SELECT count(*)
FROM messages
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s AND channel = 'email' AND by_rule
    AND created_at >= %(since)s
