-- name: group_settings
SELECT g.id, g.name, g.assignment, ARRAY(
    SELECT u.id FROM group_members m JOIN users u ON u.id = m.user_id
    WHERE m.group_id = g.id AND u.deactivated_at IS NULL
    ORDER BY u.id
) AS member_ids
FROM groups g
WHERE g.workspace_id = %(workspace_id)s AND g.id = %(id)s

-- name: change_group
UPDATE groups SET name = %(name)s, assignment = %(assignment)s
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND NOT EXISTS (
    SELECT FROM groups WHERE workspace_id = %(workspace_id)s AND name = %(name)s AND id <> %(id)s
)

-- name: remove_members
DELETE FROM group_members
WHERE workspace_id = %(workspace_id)s AND group_id = %(id)s AND user_id <> ALL(%(member_ids)s)

-- name: add_members
INSERT INTO group_members (workspace_id, group_id, user_id)
SELECT %(workspace_id)s, %(id)s, unnest(%(member_ids)s::uuid[])
ON CONFLICT DO NOTHING

-- name: delete_group
DELETE FROM groups
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND NOT EXISTS (
    SELECT FROM tickets WHERE workspace_id = %(workspace_id)s AND group_id = %(id)s
        AND status IN ('new', 'open', 'pending')
)

-- name: list_agents
SELECT u.id AS user_id, u.name, coalesce(p.availability, 'online') AS availability, p.capacity,
    coalesce(p.skills, '{}') AS skills, load.tickets
FROM (
        SELECT id, name FROM users
        WHERE workspace_id = %(workspace_id)s AND role IN ('agent', 'admin') AND deactivated_at IS NULL
            AND (%(after)s::uuid IS NULL OR id > %(after)s) AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s)
        ORDER BY id
        LIMIT %(limit)s
    ) u
    LEFT JOIN agent_profiles p ON p.user_id = u.id
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS tickets FROM tickets t
        WHERE t.workspace_id = %(workspace_id)s AND t.assignee_id = u.id AND t.status IN ('new', 'open')
            AND t.deleted_at IS NULL
    ) load
ORDER BY u.id

-- name: lock_agent
SELECT id FROM users
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND role IN ('agent', 'admin') AND deactivated_at IS NULL
FOR NO KEY UPDATE

-- name: save_agent
INSERT INTO agent_profiles (user_id, workspace_id, availability, capacity, skills)
VALUES (%(user_id)s, %(workspace_id)s, %(availability)s, %(capacity)s, %(skills)s)
ON CONFLICT (user_id) DO UPDATE
    SET availability = excluded.availability, capacity = excluded.capacity, skills = excluded.skills

-- name: list_skill_rules
SELECT field, value, skill FROM skill_rules WHERE workspace_id = %(workspace_id)s ORDER BY id

-- name: clear_skill_rules
DELETE FROM skill_rules WHERE workspace_id = %(workspace_id)s

-- name: add_skill_rule
INSERT INTO skill_rules (id, workspace_id, field, value, skill)
VALUES (%(id)s, %(workspace_id)s, %(field)s, %(value)s, %(skill)s)

-- name: lock
SELECT pg_advisory_xact_lock(hashtextextended('assign:' || %(workspace_id)s::text, 0))

-- name: pick
SELECT u.id, u.role, u.name, u.email, u.created_at
FROM users u
    LEFT JOIN agent_profiles p ON p.user_id = u.id
    LEFT JOIN group_members m ON m.user_id = u.id AND m.group_id = %(group_id)s
    CROSS JOIN LATERAL (
        SELECT count(*) AS tickets FROM tickets t
        WHERE t.workspace_id = %(workspace_id)s AND t.assignee_id = u.id AND t.status IN ('new', 'open')
            AND t.deleted_at IS NULL
    ) load
WHERE u.workspace_id = %(workspace_id)s AND u.role IN ('agent', 'admin') AND u.deactivated_at IS NULL
    AND (%(group_id)s::uuid IS NULL OR m.user_id IS NOT NULL)
    AND coalesce(p.availability, 'online') = 'online'
    AND (p.capacity IS NULL OR load.tickets < p.capacity)
    AND coalesce(p.skills, '{}') @> %(skills)s::text[]
ORDER BY CASE WHEN %(in_turn)s THEN m.assigned_at END NULLS FIRST,
    CASE WHEN %(in_turn)s THEN 0 ELSE load.tickets END, (u.role = 'admin'), u.id
LIMIT 1

-- name: took
-- The clock, not the transaction's start: two tickets of one transaction are two turns.
UPDATE group_members SET assigned_at = clock_timestamp()
WHERE workspace_id = %(workspace_id)s AND group_id = %(group_id)s AND user_id = %(user_id)s

-- name: wait
INSERT INTO waiting_tickets (ticket_id, workspace_id) VALUES (%(ticket_id)s, %(workspace_id)s)
ON CONFLICT DO NOTHING

-- name: next_waiting
-- Not those of groups that give their tickets out by hand: they would stand in front of the others for ever.
SELECT t.id, t.number, t.subject, t.status, t.priority, t.channel, t.category, t.tags, t.language, t.sentiment,
    t.requester_id, t.assignee_id, t.group_id, t.session_id, t.triage, t.version, t.created_at, t.updated_at,
    t.first_response_at, t.solved_at, t.type, t.custom_fields, t.snoozed_until, t.merged_into_id, t.deleted_at
FROM waiting_tickets w JOIN tickets t ON t.id = w.ticket_id
WHERE w.workspace_id = %(workspace_id)s AND t.deleted_at IS NULL
    AND NOT EXISTS (SELECT FROM groups g WHERE g.id = t.group_id AND g.assignment = 'manual')
ORDER BY array_position(ARRAY['urgent', 'high', 'normal', 'low'], t.priority), w.since, t.id
LIMIT %(limit)s
FOR NO KEY UPDATE OF t SKIP LOCKED

-- name: tidy_waiting
DELETE FROM waiting_tickets w
USING tickets t
WHERE w.workspace_id = %(workspace_id)s AND t.id = w.ticket_id
    AND (t.assignee_id IS NOT NULL OR t.status IN ('solved', 'closed'))
