-- name: list_hours
SELECT id, name, time_zone, shifts, holidays
FROM business_hours
WHERE workspace_id = %(workspace_id)s
ORDER BY name
LIMIT 500

-- name: save_hours
-- No row where another one has the name.
INSERT INTO business_hours (id, workspace_id, name, time_zone, shifts, holidays)
SELECT %(id)s, %(workspace_id)s, %(name)s, %(time_zone)s, %(shifts)s, %(holidays)s
WHERE NOT EXISTS (
    SELECT FROM business_hours WHERE workspace_id = %(workspace_id)s AND name = %(name)s AND id <> %(id)s
)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone, shifts = excluded.shifts,
    holidays = excluded.holidays

-- name: delete_hours
DELETE FROM business_hours WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: list_policies
SELECT id, name, position, conditions, targets, business_hours_id, warn_percent, warn_minutes, breach_priority,
    breach_group_id
FROM sla_policies
WHERE workspace_id = %(workspace_id)s
ORDER BY position, id
LIMIT 500

-- name: save_policy
-- No row where another one has the name.
INSERT INTO sla_policies (id, workspace_id, name, position, conditions, targets, business_hours_id, warn_percent,
    warn_minutes, breach_priority, breach_group_id)
SELECT %(id)s, %(workspace_id)s, %(name)s, %(position)s, %(conditions)s, %(targets)s, %(business_hours_id)s,
    %(warn_percent)s, %(warn_minutes)s, %(breach_priority)s, %(breach_group_id)s
WHERE NOT EXISTS (
    SELECT FROM sla_policies WHERE workspace_id = %(workspace_id)s AND name = %(name)s AND id <> %(id)s
)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position, conditions = excluded.conditions,
    targets = excluded.targets, business_hours_id = excluded.business_hours_id, warn_percent = excluded.warn_percent,
    warn_minutes = excluded.warn_minutes, breach_priority = excluded.breach_priority,
    breach_group_id = excluded.breach_group_id

-- name: delete_policy
DELETE FROM sla_policies WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: clocks_of
SELECT c.ticket_id, c.metric, c.policy_id, p.name AS policy, c.business_hours_id, c.promised, c.left_over,
    c.running_since, c.due_at, c.warn_at, c.warned_at, c.breached_at, c.fulfilled_at, c.is_next, c.stale
FROM ticket_clocks c LEFT JOIN sla_policies p ON p.id = c.policy_id
WHERE c.workspace_id = %(workspace_id)s AND c.ticket_id = ANY(%(ticket_ids)s)
ORDER BY c.ticket_id, array_position(ARRAY['first_response', 'next_response', 'resolution'], c.metric)

-- name: save_clock
INSERT INTO ticket_clocks (workspace_id, ticket_id, metric, policy_id, business_hours_id, promised, left_over,
    running_since, due_at, warn_at, warned_at, breached_at, fulfilled_at, is_next, stale)
VALUES (%(workspace_id)s, %(ticket_id)s, %(metric)s, %(policy_id)s, %(business_hours_id)s, %(promised)s, %(left_over)s,
    %(running_since)s, %(due_at)s, %(warn_at)s, %(warned_at)s, %(breached_at)s, %(fulfilled_at)s, %(is_next)s, %(stale)s)
ON CONFLICT (ticket_id, metric) DO UPDATE SET policy_id = excluded.policy_id,
    business_hours_id = excluded.business_hours_id, promised = excluded.promised, left_over = excluded.left_over,
    running_since = excluded.running_since, due_at = excluded.due_at, warn_at = excluded.warn_at,
    warned_at = excluded.warned_at, breached_at = excluded.breached_at, fulfilled_at = excluded.fulfilled_at,
    is_next = excluded.is_next, stale = excluded.stale

-- name: drop_clock
DELETE FROM ticket_clocks
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s AND metric = %(metric)s

-- name: lock_tickets
-- Whoever adds a message holds the ticket's key already: this lock lets them be, so two messages at once do not wait for
-- each other's end.
SELECT id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at, type,
    custom_fields, snoozed_until, merged_into_id, deleted_at
FROM tickets
WHERE workspace_id = %(workspace_id)s AND id = ANY(%(ticket_ids)s)
ORDER BY id
FOR NO KEY UPDATE

-- name: talk
-- A reply is an agent's, or the desk's answer by mail; what the desk says in a chat that waits for an agent is none.
SELECT t.id AS ticket_id, (r.id IS NOT NULL OR t.first_response_at IS NOT NULL) AS answered,
    w.created_at AS waiting_since
FROM tickets t
    LEFT JOIN LATERAL (
        SELECT m.id FROM messages m
        WHERE m.ticket_id = t.id AND m.visibility = 'public'
            AND (m.author_kind = 'agent' OR m.author_kind = 'assistant' AND m.channel = 'email')
        ORDER BY m.id DESC
        LIMIT 1
    ) r ON true
    LEFT JOIN LATERAL (
        SELECT m.created_at FROM messages m
        WHERE m.ticket_id = t.id AND m.visibility = 'public' AND m.author_kind = 'customer'
            AND (r.id IS NULL OR m.id > r.id)
        ORDER BY m.id
        LIMIT 1
    ) w ON true
WHERE t.workspace_id = %(workspace_id)s AND t.id = ANY(%(ticket_ids)s)

-- name: warn
-- The ticket is locked before its clock, as everybody does; one that somebody works on has its turn in a minute.
WITH chosen AS (
    SELECT c.ticket_id, c.metric
    FROM ticket_clocks c JOIN tickets t ON t.id = c.ticket_id
    WHERE c.workspace_id = %(workspace_id)s AND c.warn_at <= %(now)s AND c.warned_at IS NULL
        AND c.fulfilled_at IS NULL AND c.breached_at IS NULL
    ORDER BY c.warn_at
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF t SKIP LOCKED
), warned AS (
    UPDATE ticket_clocks c SET warned_at = %(now)s, warn_at = NULL
    FROM chosen
    WHERE c.ticket_id = chosen.ticket_id AND c.metric = chosen.metric AND c.warn_at <= %(now)s
        AND c.warned_at IS NULL AND c.fulfilled_at IS NULL AND c.breached_at IS NULL
    RETURNING c.ticket_id, c.metric, c.policy_id, c.business_hours_id, c.promised, c.left_over, c.running_since,
        c.due_at, c.warn_at, c.warned_at, c.breached_at, c.fulfilled_at, c.is_next, c.stale
)
SELECT w.ticket_id, w.metric, w.policy_id, p.name AS policy, w.business_hours_id, w.promised, w.left_over,
    w.running_since, w.due_at, w.warn_at, w.warned_at, w.breached_at, w.fulfilled_at, w.is_next, w.stale
FROM warned w LEFT JOIN sla_policies p ON p.id = w.policy_id
ORDER BY w.ticket_id, w.metric

-- name: breach
WITH chosen AS (
    SELECT c.ticket_id, c.metric
    FROM ticket_clocks c JOIN tickets t ON t.id = c.ticket_id
    WHERE c.workspace_id = %(workspace_id)s AND c.due_at <= %(now)s AND c.breached_at IS NULL
        AND c.fulfilled_at IS NULL
    ORDER BY c.due_at
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF t SKIP LOCKED
), breached AS (
    UPDATE ticket_clocks c SET breached_at = c.due_at, warn_at = NULL
    FROM chosen
    WHERE c.ticket_id = chosen.ticket_id AND c.metric = chosen.metric AND c.due_at <= %(now)s
        AND c.breached_at IS NULL AND c.fulfilled_at IS NULL
    RETURNING c.ticket_id, c.metric, c.policy_id, c.business_hours_id, c.promised, c.left_over, c.running_since,
        c.due_at, c.warn_at, c.warned_at, c.breached_at, c.fulfilled_at, c.is_next, c.stale
)
SELECT b.ticket_id, b.metric, b.policy_id, p.name AS policy, b.business_hours_id, b.promised, b.left_over,
    b.running_since, b.due_at, b.warn_at, b.warned_at, b.breached_at, b.fulfilled_at, b.is_next, b.stale
FROM breached b LEFT JOIN sla_policies p ON p.id = b.policy_id
ORDER BY b.ticket_id, b.metric

-- name: mark_stale
UPDATE ticket_clocks SET stale = true WHERE workspace_id = %(workspace_id)s AND fulfilled_at IS NULL AND NOT stale

-- name: stale_tickets
SELECT t.id
FROM tickets t
WHERE t.workspace_id = %(workspace_id)s AND t.id IN (
    SELECT c.ticket_id FROM ticket_clocks c WHERE c.workspace_id = %(workspace_id)s AND c.stale
    ORDER BY c.ticket_id LIMIT %(limit)s
)
ORDER BY t.id
FOR NO KEY UPDATE SKIP LOCKED
