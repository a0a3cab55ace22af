-- name: add
WITH counted AS (
    UPDATE workspaces SET last_ticket_number = last_ticket_number + 1 WHERE id = %(workspace_id)s
    RETURNING last_ticket_number
), added AS (
    INSERT INTO tickets (
        id, workspace_id, number, subject, status, priority, channel, category, tags, requester_id, session_id, group_id,
        assignee_id, type, custom_fields
    )
    SELECT %(id)s, %(workspace_id)s, last_ticket_number, %(subject)s, %(status)s, %(priority)s, %(channel)s,
        %(category)s, %(tags)s, %(requester_id)s, %(session_id)s, %(group_id)s, %(assignee_id)s, %(type)s,
        %(custom_fields)s
    FROM counted
    RETURNING id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
        assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at, type,
        custom_fields, snoozed_until, merged_into_id, deleted_at
), noted AS (
    INSERT INTO ticket_events (id, workspace_id, ticket_id, kind, actor_kind, actor_id, reason, changes)
    SELECT %(event_id)s, %(workspace_id)s, a.id, 'created', %(actor_kind)s, %(actor_id)s, %(reason)s,
        jsonb_object_agg(f.key, jsonb_build_object('from', NULL, 'to', f.value))
    FROM added a, jsonb_each(to_jsonb(a)) f
    WHERE f.key IN ('status', 'priority', 'channel', 'category', 'requester_id', 'assignee_id', 'group_id', 'type')
        AND f.value <> 'null'
    GROUP BY a.id
)
SELECT id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at, type,
    custom_fields, snoozed_until, merged_into_id, deleted_at
FROM added

-- name: get
SELECT id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at, type,
    custom_fields, snoozed_until, merged_into_id, deleted_at
FROM tickets
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND (deleted_at IS NULL OR %(deleted)s)

-- name: lock
SELECT id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at, type,
    custom_fields, snoozed_until, merged_into_id, deleted_at
FROM tickets
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND (deleted_at IS NULL OR %(deleted)s)
FOR UPDATE

-- name: update
-- The only statement that changes a ticket, so that no change is without its event. What was is read from before the
-- statement. The triage's reason is long and not of interest here: its outcome is.
WITH before AS (
    SELECT to_jsonb(t) AS fields FROM tickets t WHERE workspace_id = %(workspace_id)s AND id = %(id)s
), after AS (
    UPDATE tickets SET
        subject = CASE WHEN 'subject' = ANY(%(columns)s) THEN %(subject)s ELSE subject END,
        status = CASE WHEN 'status' = ANY(%(columns)s) THEN %(status)s ELSE status END,
        priority = CASE WHEN 'priority' = ANY(%(columns)s) THEN %(priority)s ELSE priority END,
        category = CASE WHEN 'category' = ANY(%(columns)s) THEN %(category)s ELSE category END,
        tags = CASE WHEN 'tags' = ANY(%(columns)s) THEN %(tags)s::text[] ELSE tags END,
        sentiment = CASE WHEN 'sentiment' = ANY(%(columns)s) THEN %(sentiment)s ELSE sentiment END,
        language = CASE WHEN 'language' = ANY(%(columns)s) THEN %(language)s ELSE language END,
        requester_id = CASE WHEN 'requester_id' = ANY(%(columns)s) THEN %(requester_id)s::uuid ELSE requester_id END,
        assignee_id = CASE WHEN 'assignee_id' = ANY(%(columns)s) THEN %(assignee_id)s::uuid ELSE assignee_id END,
        group_id = CASE WHEN 'group_id' = ANY(%(columns)s) THEN %(group_id)s::uuid ELSE group_id END,
        session_id = CASE WHEN 'session_id' = ANY(%(columns)s) THEN %(session_id)s::uuid ELSE session_id END,
        triage = CASE WHEN 'triage' = ANY(%(columns)s) THEN %(triage)s::jsonb ELSE triage END,
        type = CASE WHEN 'type' = ANY(%(columns)s) THEN %(type)s ELSE type END,
        custom_fields = CASE WHEN 'custom_fields' = ANY(%(columns)s) THEN %(custom_fields)s::jsonb
            ELSE custom_fields END,
        first_response_at = CASE WHEN 'first_response_at' = ANY(%(columns)s) THEN %(first_response_at)s::timestamptz
            ELSE first_response_at END,
        solved_at = CASE WHEN 'solved_at' = ANY(%(columns)s) THEN %(solved_at)s::timestamptz ELSE solved_at END,
        snoozed_until = CASE WHEN 'snoozed_until' = ANY(%(columns)s) THEN %(snoozed_until)s::timestamptz
            ELSE snoozed_until END,
        merged_into_id = CASE WHEN 'merged_into_id' = ANY(%(columns)s) THEN %(merged_into_id)s::uuid
            ELSE merged_into_id END,
        deleted_at = CASE WHEN 'deleted_at' = ANY(%(columns)s) THEN %(deleted_at)s::timestamptz ELSE deleted_at END,
        version = version + 1,
        updated_at = now()
    WHERE workspace_id = %(workspace_id)s AND id = %(id)s
    RETURNING id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
        assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at, type,
        custom_fields, snoozed_until, merged_into_id, deleted_at
), noted AS (
    INSERT INTO ticket_events (id, workspace_id, ticket_id, kind, actor_kind, actor_id, reason, changes)
    SELECT %(event_id)s, %(workspace_id)s, a.id, %(kind)s, %(actor_kind)s, %(actor_id)s, %(reason)s,
        jsonb_object_agg(f.key, jsonb_build_object('from', b.fields -> f.key, 'to', f.value))
    FROM before b, after a, jsonb_each(to_jsonb(a)) f
    WHERE f.value IS DISTINCT FROM b.fields -> f.key AND f.key NOT IN ('version', 'updated_at', 'triage')
    GROUP BY a.id
)
SELECT id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at, type,
    custom_fields, snoozed_until, merged_into_id, deleted_at
FROM after

-- name: merged_into
SELECT id FROM tickets WHERE workspace_id = %(workspace_id)s AND merged_into_id = %(id)s ORDER BY id

-- name: snoozed_past
SELECT id FROM tickets
WHERE workspace_id = %(workspace_id)s AND snoozed_until <= %(now)s AND deleted_at IS NULL
ORDER BY snoozed_until
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED

-- name: add_escalation
INSERT INTO escalations (id, workspace_id, ticket_id, reason, summary, group_id, assignee_id)
VALUES (%(id)s, %(workspace_id)s, %(ticket_id)s, %(reason)s, %(summary)s, %(group_id)s, %(assignee_id)s)

-- name: escalations_of
SELECT id, ticket_id, reason, summary, group_id, assignee_id, created_at
FROM escalations
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s
ORDER BY id DESC
